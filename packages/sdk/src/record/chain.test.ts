import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson } from '../json/canonical.ts'
import { sha256Hex } from '../json/digest.ts'
import { arbitraryDecision } from '../testing/arbitrary-decision.ts'
import { SEED } from '../testing/seed.ts'
import { chainLine, FIRST_PREVIOUS, hashOfLine, membersOf } from './chain.ts'
import { recordKeys } from './record-keys.ts'

const link = {
  schema: 'parapet.record/1',
  writer: 'w-1',
  sequence: 3,
  at: 1,
  previous: FIRST_PREVIOUS,
} as const
const { current: key } = recordKeys({ current: { id: 'k-1', key: new Uint8Array(32) } })

describe('chainLine', () => {
  it('is the canonical JSON of the record, its hash over exactly those bytes, and a seal', () => {
    fc.assert(
      fc.property(arbitraryDecision, fc.boolean(), ({ body }, sealed) => {
        const { line, hash } = chainLine(membersOf(body), link, sealed ? key : undefined)
        const { hash: stored, seal, ...rest } = JSON.parse(line)
        const canonical = canonicalJson(rest)

        expect(rest).toEqual(JSON.parse(JSON.stringify({ ...body, ...link })))
        expect(stored).toBe(hash)
        expect(hash).toBe(sha256Hex(canonical))
        expect(seal === undefined).toBe(!sealed)
        expect(line.startsWith(canonical.slice(0, -1))).toBe(true)
        expect(hashOfLine(line)).toBe(hash)
      }),
      { seed: SEED },
    )
  })

  it('has another hash for every other byte before it', () => {
    fc.assert(
      fc.property(arbitraryDecision, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ body }, place, by) => {
        const { line, hash } = chainLine(membersOf(body), link, key)
        const bytes = Buffer.from(line)
        const index = place % (bytes.length - 400)
        bytes[index] = ((bytes[index] as number) + by) % 256

        expect(hashOfLine(bytes.toString('latin1'))).not.toBe(hash)
      }),
      { seed: SEED },
    )
  })

  it('gives no hash to a line that does not end as a record does', () => {
    for (const line of ['', '{}', '{"hash":"abc"}', `${chainLine(membersOf(FIRST_BODY), link, key).line} `])
      expect(hashOfLine(line)).toBeUndefined()
  })
})

const FIRST_BODY = { kind: 'torn-line', bytes: 1, digest: `sha256:${FIRST_PREVIOUS}` } as const
