import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { sha256Hex } from '../json/digest.ts'
import { arbitraryDecision } from '../testing/arbitrary-decision.ts'
import { SEED } from '../testing/seed.ts'
import type { BreakKind } from './break.ts'
import { type MemorySink, memorySink } from './memory-sink.ts'
import { recordKeys } from './record-keys.ts'
import { recordLines } from './record-lines.ts'
import { parseHeads, verifyRecords } from './verify.ts'

const BODIES = fc.sample(arbitraryDecision, { numRuns: 12, seed: 9 }).map(({ body }) => body)
const keys = recordKeys({ current: { id: 'k-1', key: new Uint8Array(32).fill(1) } })

async function chain(length: number, options: Parameters<typeof memorySink>[0] = {}): Promise<MemorySink> {
  const sink = memorySink(options)
  for (let index = 0; index < length; index++)
    await sink.append(BODIES[index % BODIES.length] as (typeof BODIES)[number])
  return sink
}
const verify = (lines: readonly string[], options?: Parameters<typeof verifyRecords>[1]) =>
  verifyRecords(recordLines(lines, 'log'), options)

/** A line with something changed and a hash that fits again: what someone who knows the format would do. */
function forge(line: string, change: (text: string) => string): string {
  const [before = ''] = change(line).split(/,"hash":"[0-9a-f]{64}"/)
  return `${before},"hash":"${sha256Hex(`${before}}`)}"}`
}
const backdate = (line: string) => line.replace(/"at":\d+/, '"at":1')

/** Merges lines in an order that keeps each chain's own. */
function interleave(chains: readonly (readonly string[])[], picks: readonly number[]): string[] {
  const left = chains.map((lines) => [...lines])
  const merged: string[] = []
  for (let turn = 0; left.some((lines) => lines.length > 0); turn++) {
    const open = left.filter((lines) => lines.length > 0)
    merged.push(open[(picks[turn % picks.length] ?? 0) % open.length]?.shift() as string)
  }
  return merged
}

describe('verifyRecords', () => {
  it('finds nothing wrong with whole chains, however they are interleaved and spread over files', async () => {
    const chains = await Promise.all([chain(7), chain(1), chain(12, { keys })])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
        fc.boolean(),
        async (picks, cuts, reversed) => {
          const lines = interleave(
            chains.map((sink) => sink.lines),
            picks,
          )
          const bounds = [0, ...cuts.sort((a, b) => a - b), lines.length]
          const files = bounds
            .slice(1)
            .map((to, index) => recordLines(lines.slice(bounds[index], to), `file-${index}`))
          const found = await verifyRecords(reversed ? files.toReversed() : files)

          expect(found).toMatchObject({ ok: true, complete: true, records: 20, broken: 0, breaks: [] })
          expect(new Set(found.heads)).toEqual(new Set(chains.map((sink) => sink.head())))
        },
      ),
      { seed: SEED, numRuns: 60 },
    )
  })

  it('finds every change of one byte of a line, and says where', async () => {
    const { lines } = await chain(5)
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 4 }),
        fc.nat(),
        fc.integer({ min: 0x20, max: 0x7e }),
        async (at, place, byte) => {
          const line = lines[at] as string
          const index = place % line.length
          fc.pre(line.charCodeAt(index) !== byte)
          const changed = line.slice(0, index) + String.fromCharCode(byte) + line.slice(index + 1)
          const found = await verify(lines.with(at, changed))

          expect(found.ok).toBe(false)
          expect(found.breaks.map(({ line: number }) => number)).toContain(at + 1)
        },
      ),
      { seed: SEED, numRuns: 300 },
    )
  })

  it('finds a record that was changed and given a new hash, unless it is the last: that is what heads are for', async () => {
    const sink = await chain(5)
    const heads = [sink.head() as NonNullable<ReturnType<typeof sink.head>>]
    for (let at = 0; at < 4; at++) {
      const { breaks } = await verify(sink.lines.with(at, forge(sink.lines[at] as string, backdate)))
      expect(breaks).toEqual([expect.objectContaining({ kind: 'edited', line: at + 1, sequence: at })])
    }
    const last = sink.lines.with(4, forge(sink.lines[4] as string, backdate))

    expect(await verify(last)).toMatchObject({ ok: true })
    expect(await verify(last, { heads })).toMatchObject({ ok: false, breaks: [{ kind: 'edited', line: 5 }] })
  })

  it('finds any run of records that is removed from within, and names it', async () => {
    const { lines, writer } = await chain(8)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 6 }), fc.integer({ min: 1, max: 6 }), async (from, count) => {
        const to = Math.min(from + count, 7)
        const { breaks } = await verify(lines.toSpliced(from, to - from))

        expect(breaks).toEqual([
          expect.objectContaining({ kind: 'missing', writer, sequence: from, line: from + 1 }),
        ])
        expect(breaks[0]?.detail).toContain(
          to - from === 1 ? `record ${from} is` : `${from} to ${to - 1} are`,
        )
      }),
      { seed: SEED },
    )
  })

  it('finds a chain whose end was cut off only with a head, and says so', async () => {
    const sink = await chain(6)
    const heads = [sink.head() as NonNullable<ReturnType<typeof sink.head>>]
    const cut = sink.lines.slice(0, 4)

    expect(await verify(cut)).toMatchObject({ ok: true })
    expect(await verify(cut, { heads })).toMatchObject({
      ok: false,
      breaks: [{ kind: 'missing', sequence: 4, line: 0 }],
    })
    expect(await verify([], { heads })).toMatchObject({ ok: false, breaks: [{ kind: 'missing', line: 0 }] })
    expect(await verify(sink.lines, { heads })).toMatchObject({ ok: true })
  })

  it('goes on from a head when older files are gone', async () => {
    const sink = await chain(4)
    const heads = [sink.head() as NonNullable<ReturnType<typeof sink.head>>]
    for (const body of BODIES.slice(0, 3)) await sink.append(body)
    const newer = sink.lines.slice(4)

    expect(await verify(newer, { heads })).toMatchObject({ ok: true, records: 3 })
    expect(await verify(newer)).toMatchObject({ ok: false, breaks: [{ kind: 'missing', sequence: 0 }] })
    expect(await verify(newer.slice(1), { heads })).toMatchObject({
      ok: false,
      breaks: [{ kind: 'missing', sequence: 4 }],
    })
    const forged = newer.with(
      0,
      forge(newer[0] as string, (text) =>
        text.replace(/"previous":"[0-9a-f]{64}"/, `"previous":"${'1'.repeat(64)}"`),
      ),
    )
    expect((await verify(forged, { heads })).breaks).toContainEqual(
      expect.objectContaining({ kind: 'edited', line: 1 }),
    )
  })

  it.each<[string, BreakKind, (lines: string[]) => string[], number]>([
    [
      'swapped with the next',
      'reordered',
      (lines) => [...lines.slice(0, 2), lines[3] ?? '', lines[2] ?? '', ...lines.slice(4)],
      4,
    ],
    ['moved to the end', 'reordered', (lines) => [...lines.toSpliced(1, 1), lines[1] ?? ''], 6],
    ['written twice', 'duplicate', (lines) => lines.toSpliced(3, 0, lines[2] ?? ''), 4],
    ['repeated at the end', 'duplicate', (lines) => [...lines, lines[0] ?? ''], 7],
    ['cut off', 'truncated', (lines) => lines.with(5, lines[5]?.slice(0, 90) ?? ''), 6],
    ['no JSON', 'malformed', (lines) => [...lines, 'hello'], 7],
    [
      'of a newer schema',
      'version',
      (lines) => [...lines, (lines[0] ?? '').replace('record/1', 'record/2')],
      7,
    ],
  ])('says that a record is %s', async (_name, kind, change, line) => {
    const { lines } = await chain(6)
    const { ok, breaks } = await verify(change([...lines]))

    expect(ok).toBe(false)
    expect(breaks).toEqual([expect.objectContaining({ kind, line, file: 'log' })])
  })

  it('finds a chain that forks', async () => {
    const { lines } = await chain(5)
    const { breaks } = await verify([...lines, forge(lines[3] as string, backdate)])

    expect(breaks).toEqual([expect.objectContaining({ kind: 'duplicate', sequence: 3, line: 6 })])
  })

  it('sees with the keys that a chain was written anew, and that seals were stripped', async () => {
    const real = await chain(4, { keys })
    const otherKeys = recordKeys({ current: { id: 'k-1', key: new Uint8Array(32).fill(2) } })
    const anew = await chain(4, { keys: otherKeys })
    const unsealed = await chain(4)

    expect(await verify(real.lines, { keys })).toMatchObject({ ok: true, unchecked: 0 })
    expect(await verify(anew.lines)).toMatchObject({ ok: true })
    expect(await verify(anew.lines, { keys })).toMatchObject({
      ok: false,
      broken: 4,
      breaks: [{ kind: 'edited' }, {}, {}, {}],
    })
    expect(await verify(unsealed.lines, { keys })).toMatchObject({
      ok: false,
      broken: 4,
      breaks: [{ kind: 'unsealed' }, {}, {}, {}],
    })
  })

  it('counts seals whose key was forgotten, and still checks their chain', async () => {
    const { lines } = await chain(4, { keys })
    const later = recordKeys({ current: { id: 'k-2', key: new Uint8Array(32) } })

    expect(await verify(lines, { keys: later })).toMatchObject({ ok: true, unchecked: 4 })
    expect(await verify(lines.toSpliced(1, 1), { keys: later })).toMatchObject({ ok: false })
  })

  it('counts all breaks and lists no more than asked', async () => {
    const found = await verify(new Array(50).fill('hello'), { maxBreaks: 3 })

    expect(found).toMatchObject({ ok: false, broken: 50, lines: 50, records: 0 })
    expect(found.breaks).toHaveLength(3)
  })

  it('refuses heads that are none', async () => {
    for (const heads of [{}, [{}], [{ writer: 'w', sequence: -1, hash: 'x' }]]) {
      expect(() => parseHeads(heads)).toThrow(
        expect.objectContaining({ code: 'PARAPET_RECORD_HEADS_INVALID' }),
      )
      await expect(verify([], { heads: heads as never })).rejects.toMatchObject({
        code: 'PARAPET_RECORD_HEADS_INVALID',
      })
    }
  })
})
