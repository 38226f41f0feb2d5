import { TINY_HIDDEN, TINY_LAYERS, tinyDecoder } from './tiny-decoder.ts'
import {
  TINY_CHAT_TEMPLATE,
  TINY_CONTROL_TOKENS,
  TINY_VOCABULARY,
  tinyByteTokenizer,
} from './tiny-tokenizer.ts'

/** Path in a repository → the file's bytes. */
export type RepositoryFiles = Record<string, Uint8Array>

/** The `config.json` of the tiny chat model. */
export function tinyConfig(changes: object = {}): Uint8Array {
  return json({
    model_type: 'llama',
    num_hidden_layers: TINY_LAYERS,
    hidden_size: TINY_HIDDEN,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 16,
    vocab_size: TINY_VOCABULARY,
    max_position_embeddings: 2048,
    eos_token_id: TINY_CONTROL_TOKENS['<|endoftext|>'],
    ...changes,
  })
}

/** The files of a tiny chat model as a repository of a hub holds them: without a manifest of Parapet's. */
export function tinyRepository(): RepositoryFiles {
  return {
    'README.md': new TextEncoder().encode('# Tiny'),
    'config.json': tinyConfig(),
    'generation_config.json': json({ eos_token_id: [TINY_CONTROL_TOKENS['<|endoftext|>']] }),
    'tokenizer.json': json(tinyByteTokenizer()),
    'tokenizer_config.json': json({ tokenizer_class: 'GPT2Tokenizer', eos_token: '<|im_end|>' }),
    'chat_template.jinja': new TextEncoder().encode(TINY_CHAT_TEMPLATE),
    'onnx/model.onnx': tinyDecoder(),
    'onnx/model_q4.onnx': tinyDecoder(),
  }
}

function json(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
