import { z } from 'zod'

/** Numbers of a model's `config.json` that the runtime needs, under the names of the model families that write them. */
export interface ModelConfig {
  readonly layers: number
  readonly hidden: number
  readonly vocabulary: number
  readonly kvHeads: number
  readonly headSize: number
  readonly contextTokens: number
  readonly bosTokenId: number | undefined
  readonly eosTokenIds: readonly number[]
}

/** Far above any model, and low enough that products of them stay exact. */
const count = (most: number) => z.int().min(1).max(most)
const tokenIds = z.union([z.int().nonnegative(), z.array(z.int().nonnegative()).min(1).max(64)])

const numbersSchema = z.object({
  num_hidden_layers: count(1_024),
  hidden_size: count(262_144),
  vocab_size: count(16_777_216),
  num_attention_heads: count(4_096),
  num_key_value_heads: count(4_096).nullish(),
  head_dim: count(8_192).nullish(),
  max_position_embeddings: count(16_777_216),
})
const tokensSchema = z.object({
  bos_token_id: z.int().nonnegative().nullish().catch(undefined),
  eos_token_id: tokenIds.nullish(),
})

/** GPT-2 and its kin name the same numbers otherwise. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  num_hidden_layers: ['n_layer', 'n_layers', 'num_layers'],
  hidden_size: ['n_embd', 'd_model'],
  num_attention_heads: ['n_head', 'n_heads'],
  max_position_embeddings: ['n_positions', 'n_ctx', 'max_sequence_length', 'max_seq_len'],
}

const record = z.record(z.string(), z.unknown())

/**
 * Reads `config.json`, and of `generation_config.json` the tokens that end an answer.
 * @returns a text that says what is wrong, where something is
 */
export function readModelConfig(config: unknown, generation: unknown): ModelConfig | string {
  const whole = record.safeParse(config)
  if (!whole.success) return 'config.json is no object'
  // Models that also see keep the numbers of their text part apart.
  const text = record.safeParse(whole.data['text_config'])
  const fields = withUsualNames({ ...whole.data, ...(text.success ? text.data : {}) })
  const numbers = numbersSchema.safeParse(fields)
  if (!numbers.success) return `config.json: ${describe(numbers.error)}`
  const tokens = tokensSchema.safeParse(fields)
  if (!tokens.success) return `config.json: ${describe(tokens.error)}`
  const generated = tokensSchema.safeParse(generation ?? {})
  if (!generated.success) return `generation_config.json: ${describe(generated.error)}`

  const { num_attention_heads: heads, hidden_size: hidden, head_dim: given } = numbers.data
  const headSize = given ?? hidden / heads
  if (!Number.isInteger(headSize)) return 'config.json: hidden_size is no multiple of num_attention_heads'
  return {
    layers: numbers.data.num_hidden_layers,
    hidden,
    vocabulary: numbers.data.vocab_size,
    kvHeads: numbers.data.num_key_value_heads ?? heads,
    headSize,
    contextTokens: numbers.data.max_position_embeddings,
    bosTokenId: tokens.data.bos_token_id ?? undefined,
    eosTokenIds: [generated.data.eos_token_id ?? tokens.data.eos_token_id ?? []].flat(),
  }
}

function withUsualNames(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named: Record<string, unknown> = { ...fields }
  for (const [usual, others] of Object.entries(OTHER_NAMES)) {
    named[usual] ??= others.map((other) => fields[other]).find((value) => value !== undefined)
  }
  return named
}

function describe({ issues }: z.ZodError): string {
  return `${issues[0]?.path.join('.') ?? ''}: ${issues[0]?.message ?? 'it has another form'}`
}
