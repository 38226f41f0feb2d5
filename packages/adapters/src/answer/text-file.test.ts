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
    'application/x-yaml',
    'application/yaml',
    'application/javascript',
    'application/x-ndjson',
    'application/json',
    'text/csv',
    'text/plain',
  ])('reads %s as bytes and as either form of a data: URL', (mediaType) => {
    const urls = [`data:${mediaType};base64,${base64('héllo 100%')}`, `data:${mediaType},h%C3%A9llo%20100%`]

    expect(textFile(mediaType, { type: 'data', data: base64('héllo') })?.text).toBe('héllo')
    for (const url of urls) {
      const file = textFile('application/octet-stream', { type: 'url', url: new URL(url) })
      expect(file?.text).toBe('héllo 100%')
      const written = file?.with('[cut]') ?? { type: 'text', text: '' }
      expect(written.type).toBe('url')
      expect(textFile(mediaType, written)?.text).toBe('[cut]')
    }
  })

  it('leaves what a data: URL says of itself out of what it writes', () => {
    const url = new URL(`data:text/plain;note=canary;base64,${base64('a')}`)

    expect(JSON.stringify(textFile('text/plain', { type: 'url', url })?.with('a'))).not.toContain('canary')
  })

  it.each([
    ['UTF-16', 'text/plain;charset=utf-16le', { type: 'data', data: Buffer.from('text', 'utf16le') }],
    ['UTF-16 that does not say so', 'text/plain', { type: 'data', data: Buffer.from('text', 'utf16le') }],
    ['an image’s data: URL', 'image/png', { type: 'url', url: new URL('data:image/png;base64,AAAA') }],
    ['an image', 'image/png', { type: 'data', data: base64('text') }],
    ['bytes that are no UTF-8', 'text/plain', { type: 'data', data: new Uint8Array([0xff, 0xfe]) }],
    ['a link', 'text/plain', { type: 'url', url: new URL('https://example.com/a.txt') }],
  ] as const)('leaves %s to onAbstain', (_, mediaType, data) => {
    expect(textFile(mediaType, data)).toBeUndefined()
  })
})
