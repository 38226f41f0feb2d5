import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { tinyByteTokenizer } from '../testing/tiny-tokenizer.ts'
import { answerText } from './answer-text.ts'
import { buildTokenizer } from './tokenizer.ts'

const tokenizer = buildTokenizer(tinyByteTokenizer(), {}, 'tiny')

function write(text: string, stops: readonly string[] = []) {
  const answer = answerText(tokenizer, stops)
  const deltas: string[] = []
  for (const id of tokenizer.encode(text)) {
    deltas.push(answer.push(id))
    if (answer.stopped) break
  }
  deltas.push(answer.finish())
  return { deltas, text: deltas.join(''), stopped: answer.stopped }
}

describe('answerText', () => {
  test('gives every text back, in whole characters, though a token is a byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const written = write(text)

        expect(written.text).toBe(text)
        for (const delta of written.deltas) expect(delta.isWellFormed()).toBe(true)
      }),
    )
  })

  test('holds nothing back but an unfinished character', () => {
    expect(write('a😀b').deltas).toEqual(['a', '', '', '', '😀', 'b', ''])
  })

  test('drops the bytes of a character that never ends', () => {
    const answer = answerText(tokenizer, [])
    const given = ['a', '😀'].flatMap((text) => tokenizer.encode(text)).slice(0, -1)

    expect(given.map((id) => answer.push(id)).join('') + answer.finish()).toBe('a')
  })

  test('gives on after bytes that are no character', () => {
    const answer = answerText(tokenizer, [])
    const broken = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff].map((byte) => byte)

    const text =
      [...broken, ...tokenizer.encode('ok')].map((id) => answer.push(id)).join('') + answer.finish()

    expect(text.endsWith('ok')).toBe(true)
    expect(text.replaceAll('\uFFFD', '')).toBe('ok')
  })

  test('ends before the first stop text, and gives nothing of it, whatever the text', () => {
    const part = fc.constantFrom('a', 'b', 'ab', 'STOP', 'ST', 'O', 'END', '😀')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        const text = parts.join('')
        const found = [text.indexOf('STOP'), text.indexOf('END')].filter((index) => index >= 0)
        const end = found.length === 0 ? text.length : Math.min(...found)

        const written = write(text, ['STOP', 'END'])

        expect(written.text).toBe(text.slice(0, end))
        expect(written.stopped).toBe(found.length > 0)
      }),
    )
  })

  test('gives the start of a stop text as soon as it cannot become one', () => {
    expect(write('STa', ['STOP']).deltas).toEqual(['', '', 'STa', ''])
  })
})
