import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createProviderCall } from '../answer/provider-call.ts'
import { createBodyReader } from './body-reader.ts'
import { createSseReader, type SseOptions } from './sse-reader.ts'

const LIMITS = { maxBytes: 1_000_000, stallMs: 10_000 }

async function read(bytes: Uint8Array, cuts: readonly number[], options?: SseOptions): Promise<string[]> {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])]
  places.sort((a, b) => a - b)
  const pieces = places.slice(1).map((place, index) => bytes.subarray(places[index], place))
  const reader = createBodyReader(ReadableStream.from(pieces), LIMITS, createProviderCall(undefined))
  const events = createSseReader(reader, options)
  const data: string[] = []
  for (let next = await events.next(); next !== undefined; next = await events.next()) data.push(next)
  return data
}

it('reads the same events wherever the bytes are cut', async () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\\', '"', ' ', ':') }), {
    maxLength: 5,
  })
  const ends = fc.constantFrom('\n', '\r\n', '\r')

  await fc.assert(
    fc.asyncProperty(texts, ends, fc.array(fc.nat(), { maxLength: 20 }), async (given, end, cuts) => {
      const sse = given.map((text) => `event: x${end}data: ${JSON.stringify(text)}${end}${end}`).join('')

      expect(await read(new TextEncoder().encode(sse), cuts)).toEqual(
        given.map((text) => JSON.stringify(text)),
      )
    }),
  )
})

it.each(['\n', ''])(
  'leaves out what stands after the last blank line, or not, as the client does: %j',
  async (end) => {
    const bytes = new TextEncoder().encode(`data: a\n\ndata: b${end}`)

    expect(await read(bytes, [])).toEqual(['a'])
    expect(await read(bytes, [], { unended: 'counts' })).toEqual(['a', 'b'])
  },
)
