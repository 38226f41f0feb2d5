import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { SEED } from '../testing/seed.ts'
import { digestOf, keyedDigest, sha256Hex } from './digest.ts'

const key = new Uint8Array(32).fill(7)
/** Any JavaScript string, lone surrogates included. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })), {
    maxLength: 12,
  })
  .map((units) => String.fromCharCode(...units))

describe('digests', () => {
  it('gives the published SHA-256 of the empty text and of abc', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('hashes the canonical form, so the order of members does not count', () => {
    const expected = createHash('sha256').update('{"a":1,"b":[true,"€"]}', 'utf8').digest('hex')

    expect(digestOf({ b: [true, '€'], a: 1 })).toBe(`sha256:${expected}`)
  })

  it('gives different texts different digests, lone surrogates included', () => {
    expect(
      new Set(['\ud800', '\ud801', '\udc00', '\ufffd', '\udc00\ud800'].map((text) => keyedDigest(key, text)))
        .size,
    ).toBe(5)
    fc.assert(
      fc.property(anyText, anyText, (left, right) => {
        expect(keyedDigest(key, left) === keyedDigest(key, right)).toBe(left === right)
      }),
      { seed: SEED },
    )
  })

  it('is an HMAC over the domain and the UTF-16 units, as documented', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const units = Buffer.alloc(text.length * 2)
        for (let index = 0; index < text.length; index++)
          units.writeUInt16LE(text.charCodeAt(index), index * 2)
        const expected = createHmac('sha256', key)
          .update(Buffer.concat([Buffer.from('parapet.text/1\0', 'latin1'), units]))
          .digest('hex')
        expect(keyedDigest(key, text)).toBe(`hmac-sha256:${expected}`)
      }),
      { seed: SEED },
    )
  })

  it('gives another digest under another key', () => {
    expect(keyedDigest(new Uint8Array(32), 'text')).not.toBe(keyedDigest(key, 'text'))
  })
})
