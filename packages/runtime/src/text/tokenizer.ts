import { z } from 'zod'
import { fault } from '../errors/codes.ts'
import { withExactPatterns } from './exact-patterns.ts'
import { createTokenizer, type HuggingFaceTokenizer } from './hugging-face-tokenizer.ts'

/** A token that stands outside the vocabulary's merges: `<|im_end|>`, `[SEP]`. */
export interface ControlToken {
  readonly id: number
  readonly content: string
  /** Whether it is left out of decoded text. */
  readonly special: boolean
  /** Whether it swallows the white space before it. */
  readonly lstrip: boolean
  /** Whether it swallows the white space behind it. */
  readonly rstrip: boolean
}

/**
 * A tokenizer that never makes a control token out of a text: `<|im_end|>` in what a user wrote is nine ordinary
 * characters. Control tokens come from the chat template alone, by `controlTokens`.
 */
export interface TextTokenizer {
  /**
   * Tokens of a plain text, without the special tokens that a model wants around it. Lone surrogates become U+FFFD.
   * @param continues whether control tokens stand before the text, so that it does not open the prompt
   */
  encode(text: string, continues?: boolean): number[]
  /** The text of tokens. Special tokens are left out; bytes that are no whole character become U+FFFD. */
  decode(ids: readonly number[]): string
  /** Every added token but runs of white space (those are plain text), the longest content first. */
  readonly controlTokens: readonly ControlToken[]
  /** What stands around a text, such as `[CLS]` and `[SEP]`. */
  readonly around: { readonly before: readonly number[]; readonly after: readonly number[] }
  /** The id that stands for what the vocabulary lacks. */
  readonly unknownId: number | undefined
  /** The largest id that `encode` or a control token can give. */
  readonly largestId: number
}

const addedTokensSchema = z.array(
  z.looseObject({
    id: z.int().nonnegative(),
    content: z.string().min(1),
    special: z.boolean().default(false),
    lstrip: z.boolean().default(false),
    rstrip: z.boolean().default(false),
  }),
)
const tokenizerSchema = z.looseObject({
  model: z.looseObject({}),
  added_tokens: addedTokensSchema.default([]),
})

/**
 * Builds a tokenizer out of `tokenizer.json` and `tokenizer_config.json`.
 * @throws `PARAPET_MODEL_TOKENIZER_INVALID`, also where a control token's text would still become that token
 */
export function buildTokenizer(tokenizerJson: unknown, configJson: unknown, model: string): TextTokenizer {
  const invalid = (problem: string, cause?: unknown) =>
    fault('PARAPET_MODEL_TOKENIZER_INVALID', { model, problem }, cause === undefined ? {} : { cause })
  const parsed = tokenizerSchema.safeParse(tokenizerJson)
  if (!parsed.success) throw invalid('tokenizer.json has another form')
  const { added_tokens: added, ...rest } = parsed.data
  const plain = { ...rest, pre_tokenizer: withExactPatterns(rest['pre_tokenizer'] ?? null) }
  const control = added.filter(({ content }) => content.trim() !== '')
  const tooShort = control.find(({ content }) => [...content].length < 2)
  if (tooShort)
    throw invalid(`its added token ${tooShort.id} is one character, which no text could then hold`)

  let inner: HuggingFaceTokenizer
  let around: TextTokenizer['around']
  try {
    // Without its control tokens the library has nothing to look for in a text.
    const spaces = added.filter((token) => !control.includes(token))
    inner = createTokenizer({ ...plain, added_tokens: spaces }, isRecord(configJson) ? configJson : {})
    around = tokensAround(inner)
  } catch (cause) {
    throw invalid('the tokenizer cannot be built', cause)
  }
  const controlTokens = [...control].sort((a, b) => b.content.length - a.content.length)
  const special = new Set(added.filter((token) => token.special).map((token) => token.id))
  const controlIds = new Set(control.map((token) => token.id))
  const prefixedOnce = JSON.stringify(plain.pre_tokenizer).includes('"prepend_scheme":"first"')
  const encode = (text: string, continues = false) =>
    continues && prefixedOnce
      ? encodeContinuing(inner, text.toWellFormed())
      : inner.encode(text.toWellFormed(), { add_special_tokens: false }).ids
  const unknownId = unknownIdOf(inner)

  for (const token of controlTokens) {
    const ids = encode(token.content)
    if (ids.some((id) => id !== unknownId && controlIds.has(id))) {
      throw invalid(`the text of its added token ${token.id} becomes an added token without being asked to`)
    }
  }
  const vocabulary = [...inner.get_vocab(false).values(), ...added.map(({ id }) => id)]
  const largestId = vocabulary.reduce((largest, id) => Math.max(largest, id), -1)
  if (largestId < 0) throw invalid('it has no vocabulary')

  return {
    encode,
    decode(ids) {
      const shown = ids.filter((id) => !special.has(id))
      if (shown.length === 0) return ''
      return inner.decode(shown, { skip_special_tokens: false, clean_up_tokenization_spaces: false })
    },
    controlTokens,
    around,
    unknownId,
    largestId,
  }
}

/** Encodes a text that does not open its prompt, where only the opening gets a space put before it. */
function encodeContinuing(tokenizer: HuggingFaceTokenizer, text: string): number[] {
  const { normalizer, pre_tokenizer: preTokenizer, model } = tokenizer
  if (model === null) return []
  const normal = normalizer === null ? text : normalizer(text)
  const pieces = preTokenizer === null ? [normal] : preTokenizer(normal, { section_index: 1 })
  return model(pieces).flatMap((token) => model.tokens_to_ids.get(token) ?? model.unk_token_id ?? [])
}

/** Finds what the post-processor puts before and after, by what it does to a text of one token or more. */
function tokensAround(tokenizer: HuggingFaceTokenizer): TextTokenizer['around'] {
  const bare = tokenizer.encode('a', { add_special_tokens: false }).ids
  const whole = tokenizer.encode('a', { add_special_tokens: true }).ids
  for (let start = 0; start + bare.length <= whole.length; start += 1) {
    if (bare.every((id, index) => whole[start + index] === id)) {
      return { before: whole.slice(0, start), after: whole.slice(start + bare.length) }
    }
  }
  throw new Error('the post-processor changes the tokens of a text')
}

function unknownIdOf(tokenizer: HuggingFaceTokenizer): number | undefined {
  return tokenizer.model?.unk_token_id
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
