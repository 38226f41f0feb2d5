/** The 256 characters that byte-level tokenizers write bytes as, in the order of the bytes. */
function byteCharacters(): string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255)
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++))
}

/** Control tokens of the tiny chat model, with their ids behind the 256 bytes. */
export const TINY_CONTROL_TOKENS = { '<|endoftext|>': 256, '<|im_start|>': 257, '<|im_end|>': 258 } as const
export const TINY_VOCABULARY = 259

/** The `tokenizer.json` of the tiny chat model: one token a byte, and three control tokens. */
export function tinyByteTokenizer(): object {
  const control = Object.entries(TINY_CONTROL_TOKENS)
  return {
    version: '1.0',
    added_tokens: control.map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: null,
      fuse_unk: false,
      vocab: Object.fromEntries([
        ...byteCharacters().map((character, byte) => [character, byte]),
        ...control,
      ]),
      merges: [],
    },
  }
}

/** The chat template of the tiny chat model, with a default system prompt. */
export const TINY_CHAT_TEMPLATE =
  "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe brief.<|im_end|>\n' }}{% endif %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

/** Words of the tiny encoder beside single letters. `hang` never ends and `slow` takes seconds, in `tinyEncoder`. */
export const TINY_WORDS = ['good', 'bad', 'slow', 'hang'] as const

/** The `tokenizer.json` of the tiny encoder: whole words, letters, and the special tokens of BERT. */
export function tinyWordTokenizer(): object {
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]']
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz[]')
  const words = [...special, ...TINY_WORDS, ...letters, ...letters.map((letter) => `##${letter}`)]
  const around = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
  return {
    version: '1.0',
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [around('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, around('[SEP]')],
      pair: [around('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, around('[SEP]')],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
  }
}

/** How many tokens `tinyWordTokenizer` has. */
export const TINY_WORD_VOCABULARY = 4 + TINY_WORDS.length + 2 * 28
