import {
  type Dimension,
  FLOAT,
  floats,
  INT64,
  integers,
  model,
  node,
  seededFloats,
  value,
} from './onnx-builder.ts'
import {
  TINY_CHAT_TEMPLATE,
  TINY_CONTROL_TOKENS,
  TINY_VOCABULARY,
  tinyByteTokenizer,
} from './tiny-tokenizer.ts'
import { writeModelFolder } from './write-model-folder.ts'

export const TINY_LAYERS = 4
export const TINY_HIDDEN = 32
const HEADS = 2
const KV_HEADS = 1
const HEAD_SIZE = 16
const INNER = 48

/**
 * How the tiny chat model is laid out: as onnxruntime-genai's builder does it (the sum inside the skip norm, attention
 * that writes its cache in place), or with plain additions and a cache that is handed on.
 */
export type TinyLayout = 'genai' | 'plain'

interface Part {
  readonly nodes: Uint8Array[]
  readonly weights: Uint8Array[]
}

/** The graph of a chat model of four blocks that has learnt nothing. */
export function tinyDecoder(layout: TinyLayout = 'genai'): Uint8Array {
  const blocks = Array.from({ length: TINY_LAYERS }, (_, block) => block)
  const parts = layout === 'genai' ? blocks.map(genaiBlock) : blocks.map(plainBlock)
  const last = TINY_LAYERS - 1
  const ending =
    layout === 'genai'
      ? skipNorm(`layers.${TINY_LAYERS}/final_norm_layernorm`, mid(last), mlp(last), 'normed', undefined)
      : norm('final_norm', stream(TINY_LAYERS), 'normed')
  const kvHeads = layout === 'genai' ? KV_HEADS : HEADS
  const cache = (prefix: string, length: string) =>
    blocks.flatMap((block) =>
      ['key', 'value'].map((part) =>
        value(`${prefix}.${block}.${part}`, FLOAT, [1, kvHeads, length, HEAD_SIZE]),
      ),
    )
  const tokens: Dimension[] = [1, 'sequence']
  return model({
    nodes: [
      ...(layout === 'genai' ? lengths() : []),
      node('Gather', ['embedding', 'input_ids'], [stream(0)], { name: '/model/embed_tokens/Gather' }),
      ...parts.flatMap(({ nodes }) => nodes),
      ...ending.nodes,
      node('MatMul', ['normed', 'head'], ['logits'], { name: '/lm_head/MatMul' }),
    ],
    initialisers: [
      floats('embedding', [TINY_VOCABULARY, TINY_HIDDEN], seededFloats(11, TINY_VOCABULARY * TINY_HIDDEN, 1)),
      floats('head', [TINY_HIDDEN, TINY_VOCABULARY], seededFloats(12, TINY_VOCABULARY * TINY_HIDDEN, 1)),
      integers('axis_1', [1], [1]),
      integers('one', [1], [1]),
      integers('index_1', [], [1]),
      ...parts.flatMap(({ weights }) => weights),
      ...ending.weights,
    ],
    inputs: [
      value('input_ids', INT64, tokens),
      value('attention_mask', INT64, [1, 'total']),
      ...cache('past_key_values', 'past'),
    ],
    outputs: [value('logits', FLOAT, [1, 'sequence', TINY_VOCABULARY]), ...cache('present', 'total')],
  })
}

const stream = (block: number) =>
  block === 0 ? 'embedded' : `/model/layers.${block}/input_layernorm/output_3`
const mid = (block: number) => `/model/layers.${block}/post_attention_layernorm/output_3`
const attention = (block: number) => `/model/layers.${block}/attn/o_proj/output_0`
const mlp = (block: number) => `/model/layers.${block}/mlp/down_proj/output_0`

/** The lengths that GroupQueryAttention wants, from the mask as the builder takes them. */
function lengths(): Uint8Array[] {
  return [
    node('ReduceSum', ['attention_mask', 'axis_1'], ['mask_sum']),
    node('Sub', ['mask_sum', 'one'], ['mask_less']),
    node('Cast', ['mask_less'], ['seqlens'], { attributes: { to: 6 } }),
    node('Shape', ['attention_mask'], ['mask_shape']),
    node('Gather', ['mask_shape', 'index_1'], ['mask_length'], { attributes: { axis: 0 } }),
    node('Cast', ['mask_length'], ['total_length'], { attributes: { to: 6 } }),
  ]
}

function genaiBlock(block: number): Part {
  const at = `/model/layers.${block}`
  const normed = `${at}/input_layernorm/output_0`
  const first = block === 0 ? norm(`layers.0/input_layernorm`, stream(0), normed) : undefined
  const enter =
    first ??
    skipNorm(`layers.${block}/input_layernorm`, mid(block - 1), mlp(block - 1), normed, stream(block))
  const width = (HEADS + 2 * KV_HEADS) * HEAD_SIZE
  const qkv = linear(`${at}/attn/qkv_proj`, normed, `${at}/attn/qkv`, TINY_HIDDEN, width, 100 + block)
  const attend = node(
    'GroupQueryAttention',
    [
      `${at}/attn/qkv`,
      '',
      '',
      `past_key_values.${block}.key`,
      `past_key_values.${block}.value`,
      'seqlens',
      'total_length',
    ],
    [`${at}/attn/attended`, `present.${block}.key`, `present.${block}.value`],
    {
      name: `${at}/attn/GroupQueryAttention`,
      domain: 'com.microsoft',
      attributes: { num_heads: HEADS, kv_num_heads: KV_HEADS },
    },
  )
  const out = linear(
    `${at}/attn/o_proj`,
    `${at}/attn/attended`,
    attention(block),
    TINY_HIDDEN,
    TINY_HIDDEN,
    200 + block,
  )
  const middle = `${at}/post_attention_layernorm/output_0`
  const skip = skipNorm(
    `layers.${block}/post_attention_layernorm`,
    stream(block),
    attention(block),
    middle,
    mid(block),
  )
  return joinParts([enter, qkv, { nodes: [attend], weights: [] }, out, skip, feedForward(block, middle)])
}

function plainBlock(block: number): Part {
  const at = `/model/layers.${block}`
  const normed = `${at}/input_norm`
  const projections = ['q', 'k', 'v'].map((part, order) =>
    linear(
      `${at}/${part}_proj`,
      normed,
      `${at}/${part}`,
      TINY_HIDDEN,
      TINY_HIDDEN,
      100 * (order + 3) + block,
    ),
  )
  const attend = node(
    'MultiHeadAttention',
    [
      `${at}/q`,
      `${at}/k`,
      `${at}/v`,
      '',
      '',
      '',
      `past_key_values.${block}.key`,
      `past_key_values.${block}.value`,
    ],
    [`${at}/attended`, `present.${block}.key`, `present.${block}.value`],
    {
      name: `${at}/MultiHeadAttention`,
      domain: 'com.microsoft',
      attributes: { num_heads: HEADS, unidirectional: 1 },
    },
  )
  const out = linear(
    `${at}/o_proj`,
    `${at}/attended`,
    attention(block),
    TINY_HIDDEN,
    TINY_HIDDEN,
    600 + block,
  )
  const middle = `${at}/post_norm`
  return joinParts([
    norm(`layers.${block}.input`, stream(block), normed),
    ...projections,
    { nodes: [attend], weights: [] },
    out,
    {
      nodes: [node('Add', [stream(block), attention(block)], [mid(block)], { name: `${at}/Add` })],
      weights: [],
    },
    norm(`layers.${block}.post`, mid(block), middle),
    feedForward(block, middle),
    {
      nodes: [node('Add', [mid(block), mlp(block)], [stream(block + 1)], { name: `${at}/Add_1` })],
      weights: [],
    },
  ])
}

function feedForward(block: number, from: string): Part {
  const at = `/model/layers.${block}/mlp`
  return joinParts([
    linear(`${at}/up_proj`, from, `${at}/up`, TINY_HIDDEN, INNER, 700 + block),
    { nodes: [node('Sigmoid', [`${at}/up`], [`${at}/gated`], { name: `${at}/Sigmoid` })], weights: [] },
    linear(`${at}/down_proj`, `${at}/gated`, mlp(block), INNER, TINY_HIDDEN, 800 + block),
  ])
}

function linear(name: string, from: string, to: string, rows: number, columns: number, seed: number): Part {
  return {
    nodes: [node('MatMul', [from, `${name}.weight`], [to], { name: `${name}/MatMul` })],
    weights: [floats(`${name}.weight`, [rows, columns], seededFloats(seed, rows * columns, 0.4))],
  }
}

function norm(name: string, from: string, to: string): Part {
  const weight = `${name}.weight`
  const attributes = { axis: -1, epsilon: { float: 1e-5 }, stash_type: 1 }
  return {
    nodes: [
      node('SimplifiedLayerNormalization', [from, weight], [to], {
        name: `/model/${name}/LayerNorm`,
        attributes,
      }),
    ],
    weights: [floats(weight, [TINY_HIDDEN], new Float32Array(TINY_HIDDEN).fill(1))],
  }
}

function skipNorm(name: string, from: string, added: string, to: string, sum: string | undefined): Part {
  const weight = `${name}.weight`
  return {
    nodes: [
      node(
        'SkipSimplifiedLayerNormalization',
        [from, added, weight],
        sum === undefined ? [to] : [to, '', '', sum],
        {
          name: `/model/${name}/SkipLayerNorm`,
          domain: 'com.microsoft',
          attributes: { epsilon: { float: 1e-5 } },
        },
      ),
    ],
    weights: [floats(weight, [TINY_HIDDEN], new Float32Array(TINY_HIDDEN).fill(1))],
  }
}

function joinParts(parts: readonly Part[]): Part {
  return { nodes: parts.flatMap(({ nodes }) => nodes), weights: parts.flatMap(({ weights }) => weights) }
}

/** Writes the folder of a tiny chat model. */
export async function writeTinyDecoder(
  directory: string,
  changes: {
    layout?: TinyLayout
    files?: Readonly<Record<string, Uint8Array | object>>
    manifest?: object
  } = {},
): Promise<void> {
  const { layout = 'genai' } = changes
  await writeModelFolder(
    directory,
    {
      'model.onnx': tinyDecoder(layout),
      'tokenizer.json': tinyByteTokenizer(),
      'tokenizer_config.json': { tokenizer_class: 'GPT2Tokenizer', chat_template: TINY_CHAT_TEMPLATE },
      ...changes.files,
    },
    {
      id: 'tiny-decoder',
      kind: 'decoder',
      chat: { eosTokenIds: [TINY_CONTROL_TOKENS['<|im_end|>']] },
      layers: TINY_LAYERS,
      hidden: TINY_HIDDEN,
      vocabulary: TINY_VOCABULARY,
      kvHeads: layout === 'genai' ? KV_HEADS : HEADS,
      headSize: HEAD_SIZE,
      contextTokens: 2048,
      ...changes.manifest,
    },
  )
}
