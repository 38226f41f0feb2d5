import { describe, expect, it } from '@jest/globals'
import { textFile } from './text-file.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('textFile', () => {
  it.each([
    ['inline text', 'image/png', { type: 'text', text: 'héllo' }],
    ['base64 of a text type', 'text/plain', { type: 'data', data: base64('héllo') }],
    [
      'bytes of a JSON type',
      'application/ld+json',
      { type: 'data', data: new TextEncoder().encode('héllo') },
    ],
  ] as const)('reads %s, and writes it in the same form', (_, mediaType, data) => {
    const file = textFile(mediaType, data)

    expect(file?.text).toBe('héllo')
    const written = file?.with('[cut]')
    expect(written?.type).toBe(data.type)
    expect(textFile(mediaType, written ?? data)?.text).toBe('[cut]')
  })

  it.each([
    ['an image', 'image/png', { type: 'data', data: base64('text') }],
    ['bytes that are no UTF-8', 'text/plain', { type: 'data', data: new Uint8Array([0xff, 0xfe]) }],
    ['a link', 'text/plain', { type: 'url', url: new URL('https://example.com/a.txt') }],
  ] as const)('leaves %s to onAbstain', (_, mediaType, data) => {
    expect(textFile(mediaType, data)).toBeUndefined()
  })
})
