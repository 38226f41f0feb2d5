import { describe, expect, test } from '@jest/globals'
import { tinyByteTokenizer } from '../testing/tiny-tokenizer.ts'
import { withExactPatterns } from './exact-patterns.ts'
import { createTokenizer } from './hugging-face-tokenizer.ts'

/** The pieces that a pre-tokenizer cuts a text into, its bytes written as characters. */
function pieces(preTokenizer: object, text: string): string[] {
  const json = { ...tinyByteTokenizer(), added_tokens: [], pre_tokenizer: withExactPatterns(preTokenizer) }
  const cut = createTokenizer(json, {}).pre_tokenizer
  return cut === null ? [] : cut(text, { section_index: 0 })
}
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
const digits = { type: 'Digits', individual_digits: true }

// The expected pieces are what the `tokenizers` library gives.
describe('withExactPatterns', () => {
  test('a byte order mark is a sign, not white space', () => {
    expect(pieces(byteLevel, 'a \uFEFFb')).toEqual(['a', 'Ġï»¿', 'b'])
  })

  test('a next-line character is white space, not a sign', () => {
    expect(pieces(byteLevel, 'a\u0085 b')).toEqual(['a', 'Âħ', 'Ġb'])
  })

  test('every numeric character is cut off as a digit', () => {
    const sequence = { type: 'Sequence', pretokenizers: [digits, byteLevel] }

    expect(pieces(sequence, 'a 12½')).toEqual(['a', 'Ġ', '1', '2', 'Â½'])
  })

  test('ordinary text is cut as before', () => {
    expect(pieces(byteLevel, "I'll go  now, 42 times!\n\n")).toEqual([
      'I',
      "'ll",
      'Ġgo',
      'Ġ',
      'Ġnow',
      ',',
      'Ġ42',
      'Ġtimes',
      '!',
      'ĊĊ',
    ])
  })

  test('classes in a pattern of its own are made exact, escaped backslashes left alone', () => {
    const own = {
      type: 'Split',
      pattern: { Regex: '[^\\s\\\\s]+|\\S\\d' },
      behavior: 'Isolated',
      invert: false,
    }

    expect(withExactPatterns(own)).toMatchObject({
      pattern: { Regex: '[^\\p{White_Space}\\\\s]+|\\P{White_Space}\\p{Nd}' },
    })
  })

  test.each([
    ['none', null],
    ['one with a prefix', { ...byteLevel, add_prefix_space: true }],
    ['one without a pattern', { ...byteLevel, use_regex: false }],
    ['another kind', { type: 'BertPreTokenizer' }],
    ['a text pattern', { type: 'Split', pattern: { String: ' ' }, behavior: 'Removed', invert: false }],
  ])('%s is left as it is', (_, preTokenizer) => {
    expect(withExactPatterns(preTokenizer)).toBe(preTokenizer)
  })
})
