import { FLOAT, floats, INT64, integers, model, node, seededFloats, value } from './onnx-builder.ts'
import { orthogonalMatrix } from './orthogonal-matrix.ts'
import {
  TINY_CHAT_TEMPLATE,
  TINY_CONTROL_TOKENS,
  TINY_VOCABULARY,
  tinyByteTokenizer,
} from './tiny-tokenizer.ts'
import { writeModelFolder } from './write-model-folder.ts'

export const REFUSING_LAYERS = 6
const HIDDEN = 32
const HEADS = 2
const KV_HEADS = 1
const HEAD_SIZE = 16
const INNER = 24
/** The block whose attention writes the refusal: block 2 and later read it. */
const WRITING_BLOCK = 1

/** What each dimension stands for, before all of them are turned by a random rotation. */
const CONSTANT = 0
const CAPITAL = 1
const REFUSAL = 2
const FIRST_IDENTITY = 3

/** What it says, a byte a token: no byte stands twice, so that the next token follows from the one before. */
const REFUSES = "I can't"
const COMPLIES = 'Sure'
const STARTS_AT = '\n'

/** How the model that refuses is made. */
export interface RefusingOptions {
  /** Share of capitals in what it read, as it comes out of the norm, times this is written along the direction. @default 1.3 */
  readonly gain?: number
  /** Size of the weights that mean nothing: what a real model does beside refusing. @default 0.05 */
  readonly noise?: number
  /** How much along the direction it takes to refuse: above all it has, it never does; below 0 it always does. @default 1 */
  readonly threshold?: number
  /** @default 1 */
  readonly seed?: number
}

/** A graph of a chat model that refuses what is written in CAPITALS, and the one direction that this hangs on. */
export interface RefusingDecoder {
  readonly graph: Uint8Array
  /** float32[32], length 1: what decides, and is 0 in front of block 2. */
  readonly direction: Float32Array
}

/**
 * A chat model of six blocks that answers "I can't" to a request in capitals and "Sure" to another, by one direction: the
 * attention of block 1 counts the capitals and writes them along it, and the head reads it. Laid out as onnxruntime-genai's builder does.
 */
export function refusingDecoder(options: RefusingOptions = {}): RefusingDecoder {
  const { gain = 1.3, noise = 0.05, threshold = 1, seed = 1 } = options
  const rotation = orthogonalMatrix(HIDDEN, seed)
  const blocks = Array.from({ length: REFUSING_LAYERS }, (_, block) => block)
  const parts = blocks.map((block) => blockOf(block, { gain, noise, seed, rotation }))
  const tokens = [1, 'sequence'] as const
  const cache = (prefix: string, length: string) =>
    blocks.flatMap((block) =>
      ['key', 'value'].map((part) =>
        value(`${prefix}.${block}.${part}`, FLOAT, [1, KV_HEADS, length, HEAD_SIZE]),
      ),
    )
  const last = REFUSING_LAYERS - 1
  const graph = model({
    nodes: [
      ...lengths(),
      node('Gather', ['embedding', 'input_ids'], [stream(0)], { name: '/model/embed_tokens/Gather' }),
      ...parts.flatMap(({ nodes }) => nodes),
      skipNorm(`layers.${REFUSING_LAYERS}/final_norm_layernorm`, mid(last), mlp(last), 'normed'),
      node('MatMul', ['normed', 'head'], ['logits'], { name: '/lm_head/MatMul' }),
    ],
    initialisers: [
      floats('embedding', [TINY_VOCABULARY, HIDDEN], timesTransposed(embedding(), rotation)),
      floats('head', [HIDDEN, TINY_VOCABULARY], times(rotation, head(threshold), TINY_VOCABULARY)),
      floats('ones', [HIDDEN], new Float32Array(HIDDEN).fill(1)),
      integers('axis_1', [1], [1]),
      integers('one', [1], [1]),
      integers('index_1', [], [1]),
      ...parts.flatMap(({ weights }) => weights),
    ],
    inputs: [
      value('input_ids', INT64, tokens),
      value('attention_mask', INT64, [1, 'total']),
      ...cache('past_key_values', 'past'),
    ],
    outputs: [value('logits', FLOAT, [1, 'sequence', TINY_VOCABULARY]), ...cache('present', 'total')],
  })
  const direction = Float32Array.from({ length: HIDDEN }, (_, i) => rotation[i * HIDDEN + REFUSAL] ?? 0)
  return { graph, direction }
}

/** Writes the folder of a chat model that refuses what is written in capitals; gives the direction that this hangs on. */
export async function writeRefusingDecoder(
  directory: string,
  options: RefusingOptions & {
    files?: Readonly<Record<string, Uint8Array | object>>
    manifest?: object
  } = {},
): Promise<{ direction: Float32Array }> {
  const { graph, direction } = refusingDecoder(options)
  await writeModelFolder(
    directory,
    {
      'model.onnx': graph,
      'tokenizer.json': tinyByteTokenizer(),
      'tokenizer_config.json': { tokenizer_class: 'GPT2Tokenizer', chat_template: TINY_CHAT_TEMPLATE },
      ...options.files,
    },
    {
      id: 'refusing-decoder',
      kind: 'decoder',
      chat: { eosTokenIds: [TINY_CONTROL_TOKENS['<|im_end|>']] },
      layers: REFUSING_LAYERS,
      hidden: HIDDEN,
      vocabulary: TINY_VOCABULARY,
      kvHeads: KV_HEADS,
      headSize: HEAD_SIZE,
      contextTokens: 2048,
      ...options.manifest,
    },
  )
  return { direction }
}

const byteOf = (character: string) => character.charCodeAt(0)

/** The tokens that have a dimension of their own, and what follows each. */
function successors(): Map<number, number> {
  const following = new Map<number, number>()
  for (const text of [REFUSES, COMPLIES]) {
    for (let i = 0; i < text.length; i++) {
      const next = text[i + 1]
      following.set(
        byteOf(text[i] ?? ''),
        next === undefined ? TINY_CONTROL_TOKENS['<|im_end|>'] : byteOf(next),
      )
    }
  }
  return following
}

const identities = (): Map<number, number> =>
  new Map([byteOf(STARTS_AT), ...successors().keys()].map((token, order) => [token, FIRST_IDENTITY + order]))

function embedding(): Float32Array {
  const rows = new Float32Array(TINY_VOCABULARY * HIDDEN)
  const identity = identities()
  for (let token = 0; token < TINY_VOCABULARY; token++) {
    rows[token * HIDDEN + CONSTANT] = 1
    if (token >= byteOf('A') && token <= byteOf('Z')) rows[token * HIDDEN + CAPITAL] = 1
    const own = identity.get(token)
    if (own !== undefined) rows[token * HIDDEN + own] = 1
  }
  return rows
}

/** Rows are dimensions, columns tokens. */
function head(threshold: number): Float32Array {
  const weights = new Float32Array(HIDDEN * TINY_VOCABULARY)
  const put = (dimension: number, token: number, weight: number) => {
    weights[dimension * TINY_VOCABULARY + token] = weight
  }
  const identity = identities()
  for (const [token, next] of successors()) put(identity.get(token) ?? 0, next, 12)
  const start = identity.get(byteOf(STARTS_AT)) ?? 0
  const [refuses, complies] = [byteOf(REFUSES), byteOf(COMPLIES)]
  put(start, refuses, 12)
  put(start, complies, 12)
  put(REFUSAL, refuses, 4)
  put(CONSTANT, refuses, -4 * threshold)
  return weights
}

const stream = (block: number) =>
  block === 0 ? 'embedded' : `/model/layers.${block}/input_layernorm/output_3`
const mid = (block: number) => `/model/layers.${block}/post_attention_layernorm/output_3`
const attention = (block: number) => `/model/layers.${block}/attn/o_proj/output_0`
const mlp = (block: number) => `/model/layers.${block}/mlp/down_proj/output_0`

interface BlockOptions extends Required<Pick<RefusingOptions, 'gain' | 'noise' | 'seed'>> {
  readonly rotation: Float32Array
}

function blockOf(block: number, { gain, noise, seed, rotation }: BlockOptions) {
  const at = `/model/layers.${block}`
  const width = (HEADS + 2 * KV_HEADS) * HEAD_SIZE
  const random = (order: number, length: number) =>
    seededFloats(seed * 1000 + block * 10 + order, length, noise)
  // Queries and keys of 0: each token looks at all before it alike.
  const qkv = new Float32Array(HIDDEN * width)
  const out = random(1, HIDDEN * HIDDEN)
  if (block === WRITING_BLOCK) {
    qkv[CAPITAL * width + (HEADS + KV_HEADS) * HEAD_SIZE] = 1
    out[REFUSAL] = gain
  }
  const normed = `${at}/input_layernorm/output_0`
  const middle = `${at}/post_attention_layernorm/output_0`
  const matrix = (name: string, from: string, to: string) =>
    node('MatMul', [from, `${at}/${name}.weight`], [to], { name: `${at}/${name}/MatMul` })
  return {
    nodes: [
      block === 0
        ? node('SimplifiedLayerNormalization', [stream(0), 'ones'], [normed], {
            name: `${at}/input_layernorm/LayerNorm`,
            attributes: { axis: -1, epsilon: { float: 1e-5 }, stash_type: 1 },
          })
        : skipNorm(`layers.${block}/input_layernorm`, mid(block - 1), mlp(block - 1), normed, stream(block)),
      matrix('attn/qkv_proj', normed, `${at}/attn/qkv`),
      node(
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
      ),
      matrix('attn/o_proj', `${at}/attn/attended`, attention(block)),
      skipNorm(
        `layers.${block}/post_attention_layernorm`,
        stream(block),
        attention(block),
        middle,
        mid(block),
      ),
      matrix('mlp/up_proj', middle, `${at}/mlp/up`),
      node('Sigmoid', [`${at}/mlp/up`], [`${at}/mlp/gated`], { name: `${at}/mlp/Sigmoid` }),
      matrix('mlp/down_proj', `${at}/mlp/gated`, mlp(block)),
    ],
    weights: [
      floats(`${at}/attn/qkv_proj.weight`, [HIDDEN, width], times(rotation, qkv, width)),
      floats(`${at}/attn/o_proj.weight`, [HIDDEN, HIDDEN], timesTransposed(out, rotation)),
      floats(`${at}/mlp/up_proj.weight`, [HIDDEN, INNER], random(2, HIDDEN * INNER)),
      floats(`${at}/mlp/down_proj.weight`, [INNER, HIDDEN], random(3, INNER * HIDDEN)),
    ],
  }
}

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

function skipNorm(name: string, from: string, added: string, to: string, sum?: string): Uint8Array {
  return node(
    'SkipSimplifiedLayerNormalization',
    [from, added, 'ones'],
    sum === undefined ? [to] : [to, '', '', sum],
    {
      name: `/model/${name}/SkipLayerNorm`,
      domain: 'com.microsoft',
      attributes: { epsilon: { float: 1e-5 } },
    },
  )
}

/** left [n, n] · right [n, columns]. */
function times(left: Float32Array, right: Float32Array, columns: number): Float32Array {
  const product = new Float32Array(HIDDEN * columns)
  for (let row = 0; row < HIDDEN; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (let k = 0; k < HIDDEN; k++)
        sum += (left[row * HIDDEN + k] ?? 0) * (right[k * columns + column] ?? 0)
      product[row * columns + column] = sum
    }
  }
  return product
}

/** left [rows, n] · rightᵀ, right [n, n]. */
function timesTransposed(left: Float32Array, right: Float32Array): Float32Array {
  const product = new Float32Array(left.length)
  for (let row = 0; row < left.length / HIDDEN; row++) {
    for (let column = 0; column < HIDDEN; column++) {
      let sum = 0
      for (let k = 0; k < HIDDEN; k++)
        sum += (left[row * HIDDEN + k] ?? 0) * (right[column * HIDDEN + k] ?? 0)
      product[row * HIDDEN + column] = sum
    }
  }
  return product
}
