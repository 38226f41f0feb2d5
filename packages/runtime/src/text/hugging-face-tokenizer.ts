import { Tokenizer } from '@huggingface/tokenizers'

/**
 * What is used of the library's tokenizer. Its own types do not resolve under `nodenext`
 * (their imports lack extensions), so the shape is written down here.
 */
export interface HuggingFaceTokenizer {
  readonly normalizer: ((text: string) => string) | null
  readonly pre_tokenizer: ((text: string, options: { section_index: number }) => string[]) | null
  readonly model:
    | (((pieces: string[]) => string[]) & {
        readonly tokens_to_ids: ReadonlyMap<string, number>
        readonly unk_token_id?: number
      })
    | null
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] }
  decode(
    ids: readonly number[],
    options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
  ): string
  get_vocab(withAddedTokens: boolean): ReadonlyMap<string, number>
}

export function createTokenizer(tokenizerJson: object, configJson: object): HuggingFaceTokenizer {
  return new Tokenizer(tokenizerJson, configJson) as HuggingFaceTokenizer
}
