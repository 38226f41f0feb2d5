import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { tinyByteTokenizer, tinyWordTokenizer } from '../testing/tiny-tokenizer.ts'
import { buildTokenizer } from './tokenizer.ts'

const bytewise = buildTokenizer(tinyByteTokenizer(), {}, 'tiny')
const wordwise = buildTokenizer(tinyWordTokenizer(), {}, 'tiny')
const controlIds = (tokenizer: typeof bytewise) => new Set(tokenizer.controlTokens.map(({ id }) => id))

/** Texts with control tokens in and around them. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom('<|im_end|>', '<|im_start|>', '[SEP]', '[CLS]', '<|im_', 'end|>', '<', '|', '\n', ' '),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

describe('buildTokenizer', () => {
  test('no text becomes a control token', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const id of bytewise.encode(text)) expect(controlIds(bytewise)).not.toContain(id)
        for (const id of wordwise.encode(text)) {
          if (id !== wordwise.unknownId) expect(controlIds(wordwise)).not.toContain(id)
        }
      }),
    )
  })

  test('a byte-level text comes back from its tokens', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(bytewise.decode(bytewise.encode(text))).toBe(text.toWellFormed())
      }),
    )
  })

  test('a lone surrogate is read as U+FFFD', () => {
    expect(bytewise.encode('a\uD800b')).toEqual(bytewise.encode('a\uFFFDb'))
  })

  test('special tokens are left out of decoded text', () => {
    const [hi] = [bytewise.encode('hi')]

    expect(bytewise.decode([257, ...(hi ?? []), 258])).toBe('hi')
    expect(bytewise.decode([])).toBe('')
  })

  test('what stands around a text is found from the post-processor', () => {
    expect(wordwise.around).toEqual({ before: [2], after: [3] })
    expect(bytewise.around).toEqual({ before: [], after: [] })
  })

  test('the unknown token and the largest id are known', () => {
    expect(wordwise.unknownId).toBe(1)
    expect(bytewise.largestId).toBe(258)
    expect(wordwise.encode('日本')).toEqual([1, 1])
  })

  test.each([
    ['nothing', undefined],
    ['a number', 7],
    ['no model', { added_tokens: [] }],
    ['an unknown kind of model', { model: { type: 'Riddle' } }],
    ['added tokens without ids', { ...tinyByteTokenizer(), added_tokens: [{ content: '<x>' }] }],
    ['a control token of one character', { ...tinyByteTokenizer(), added_tokens: [{ id: 9, content: 'x' }] }],
  ])('%s is PARAPET_MODEL_TOKENIZER_INVALID', (_, json) => {
    expect(() => buildTokenizer(json, {}, 'tiny')).toThrow(
      expect.objectContaining({ code: 'PARAPET_MODEL_TOKENIZER_INVALID' }),
    )
  })

  test('a vocabulary in which a control token is an ordinary word is refused', () => {
    const json = tinyWordTokenizer() as { added_tokens: object[] }
    const added = [...json.added_tokens, { id: 4, content: 'good', special: true }]

    expect(() => buildTokenizer({ ...json, added_tokens: added }, {}, 'tiny')).toThrow(
      expect.objectContaining({ code: 'PARAPET_MODEL_TOKENIZER_INVALID' }),
    )
  })
})
