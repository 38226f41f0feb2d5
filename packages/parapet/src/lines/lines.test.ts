import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { mapOrdered } from './map-ordered.ts'
import { MAX_LINE_BYTES, readLines } from './read-lines.ts'
import { requestLine } from './request-line.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8')
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('readLines', () => {
  it('gives the same lines however the bytes come, also cut inside a character', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 1, max: 7 }),
        async (given, size) => {
          const texts = given.map((text) => text.replace(/\n/g, ' ')).filter((text) => text.trim() !== '')

          const lines = await all(readLines(inPieces(texts.join('\n'), size)))

          expect(lines.map(({ text }) => text)).toEqual(texts)
        },
      ),
    )
  })

  it('counts blank lines and leaves them out', async () => {
    const lines = await all(readLines(inPieces('a\n\n \nb', 3)))

    expect(lines).toEqual([
      { number: 1, text: 'a' },
      { number: 4, text: 'b' },
    ])
  })

  it('reports a line beyond the bound and goes on with the next', async () => {
    async function* hostile(): AsyncGenerator<Uint8Array> {
      const piece = Buffer.alloc(1024 * 1024, 'x')
      for (let size = 0; size <= MAX_LINE_BYTES; size += piece.length) yield piece
      yield Buffer.from('\nnext')
    }

    expect(await all(readLines(hostile()))).toEqual([
      { number: 1, text: undefined },
      { number: 2, text: 'next' },
    ])
  })
})

describe('mapOrdered', () => {
  it('keeps the order, whatever takes longest, and never runs more than it may', async () => {
    async function* numbers(): AsyncGenerator<number> {
      for (let number = 0; number < 30; number++) yield number
    }
    let running = 0
    let most = 0

    const results = await all(
      mapOrdered(numbers(), 4, async (number) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, (number * 7) % 5))
        running--
        return number
      }),
    )

    expect(results).toEqual(Array.from({ length: 30 }, (_, number) => number))
    expect(most).toBeLessThanOrEqual(4)
  })
})

describe('requestLine', () => {
  const read = (value: unknown) =>
    requestLine({ number: 1, text: typeof value === 'string' ? value : JSON.stringify(value) })

  it('takes the last message for the text and the others for the conversation', () => {
    const messages = [
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ]

    expect(read({ messages })).toMatchObject({ text: 'three', conversation: messages.slice(0, 2) })
  })

  it('keeps every other field', () => {
    expect(read({ text: 'a', id: 7, label: 'x' })).toMatchObject({ fields: { text: 'a', id: 7, label: 'x' } })
  })

  it.each([
    ['what is not JSON', '{'],
    ['JSON that is no object', '[1]'],
    ['an object without a text', { id: 1 }],
    ['a text that is no string', { text: 7 }],
    ['an empty conversation', { messages: [] }],
    ['a role that does not exist', { messages: [{ role: 'root', content: 'x' }] }],
  ])('refuses %s, and does not repeat it', (_, value) => {
    const line = read(value)

    expect(line).toHaveProperty('problem')
    expect(JSON.stringify(line)).not.toContain('root')
  })
})
