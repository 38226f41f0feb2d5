import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Line, MAX_LINE_BYTES, readLines } from './read-lines.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8')
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

async function all(lines: AsyncIterable<Line>): Promise<Line[]> {
  const list: Line[] = []
  for await (const line of lines) list.push(line)
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
    const lines = await all(readLines(inPieces('a\n\n \r\nb', 3)))

    expect(lines).toEqual([
      { number: 1, text: 'a' },
      { number: 4, text: 'b' },
    ])
  })

  it('reads a file that begins with a byte order mark', async () => {
    const [line] = await all(readLines(inPieces('\ufeff{"text":"a"}\n', 2)))

    expect(line?.text).toBe('{"text":"a"}')
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
