import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { keyedDigest } from '../json/digest.ts'
import { environmentKeys, keyIdOf, parseKey, recordKeys, sealOf } from './record-keys.ts'

const key = (id: string, fill = 1) => ({ id, key: new Uint8Array(32).fill(fill) })
const invalid = expect.objectContaining({ code: 'PARAPET_RECORD_KEY_INVALID' })

describe('recordKeys', () => {
  it('finds the current key and the earlier ones by id', () => {
    const keys = recordKeys({ current: key('b', 2), previous: [key('a', 1)] })

    expect(keys.current.id).toBe('b')
    expect(keys.find('a')?.key).toEqual(new Uint8Array(32).fill(1))
    expect(keys.find('c')).toBeUndefined()
  })

  it('keeps its own copy, so that a caller may wipe its buffer', () => {
    const given = key('a', 1)
    const keys = recordKeys({ current: given })
    given.key.fill(0)

    expect(keys.current.key).toEqual(new Uint8Array(32).fill(1))
  })

  it.each([
    ['a short key', { id: 'a', key: new Uint8Array(31) }],
    ['a key that is text', { id: 'a', key: 'x'.repeat(32) as unknown as Uint8Array }],
    ['an id with a colon', key('a:b')],
    ['an empty id', key('')],
  ])('refuses %s', (_name, current) => {
    expect(() => recordKeys({ current })).toThrow(invalid)
  })

  it('refuses two keys of one id', () => {
    expect(() => recordKeys({ current: key('a'), previous: [key('a', 2)] })).toThrow(invalid)
  })
})

describe('environmentKeys', () => {
  it('reads the current key and the earlier ones, and names them by their content', () => {
    const [now, before] = [randomBytes(32), randomBytes(48)]
    const keys = environmentKeys({
      PARAPET_RECORD_KEY: `${now.toString('base64')}, ${before.toString('base64')}`,
    })

    expect(keys?.current).toEqual({ id: keyIdOf(now), key: Uint8Array.from(now) })
    expect(keys?.find(keyIdOf(before))?.key).toEqual(Uint8Array.from(before))
  })

  it('is undefined when the variable is not set or blank', () => {
    expect(environmentKeys({})).toBeUndefined()
    expect(environmentKeys({ PARAPET_RECORD_KEY: ' ' })).toBeUndefined()
  })

  it.each(['not base64!', Buffer.alloc(31).toString('base64'), `${Buffer.alloc(32).toString('base64')},`])(
    'refuses a malformed value and does not print it (%#)',
    (text) => {
      expect(() => environmentKeys({ PARAPET_RECORD_KEY: text })).toThrow(invalid)
      expect(() => environmentKeys({ PARAPET_RECORD_KEY: text })).not.toThrow(
        expect.objectContaining({ message: expect.stringContaining(text.slice(0, 12)) }),
      )
    },
  )

  it('takes base64 with and without padding as the same key', () => {
    const text = randomBytes(32).toString('base64')

    expect(parseKey(text.replace(/=+$/, ''))).toEqual(parseKey(text))
  })
})

describe('sealOf', () => {
  it('is never the digest of a text, so that no text can be chosen to forge a seal', () => {
    const current = key('a')
    const hash = 'f'.repeat(64)
    const seal = sealOf(current, hash).split(':')[2]

    for (const text of [hash, `parapet.seal/1\0${hash}`])
      expect(keyedDigest(current.key, text)).not.toContain(seal)
  })
})
