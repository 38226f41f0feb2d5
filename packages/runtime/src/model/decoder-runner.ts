import { fault } from '../errors/codes.ts'
import { blockOf, type Position, type ReadSite } from '../graph/site.ts'
import type { DecoderReading, Finished, TextDelta } from '../host/decoder-model.ts'
import { answerText } from '../text/answer-text.ts'
import type { ChatMessage } from '../text/chat-message.ts'
import { buildChatPrompt, type ChatPrompt } from '../text/chat-prompt.ts'
import { tokenChoice } from '../text/token-choice.ts'
import type { DecoderGraph } from './decoder-graph.ts'
import type { DecoderText } from './decoder-text.ts'
import type { DecoderManifest } from './manifest.ts'
import type { Tensors } from './onnx-session.ts'
import { opensWith, type PromptPrefix } from './prompt-prefix.ts'
import type { Work } from './work.ts'

/** Tokens of a prompt that one step passes. Fixed, so that the same prompt gives the same numbers. */
const CHUNK_TOKENS = 256

export interface ReadWork {
  readonly messages: readonly ChatMessage[]
  readonly sites: readonly ReadSite[]
  readonly maxTokens?: number | undefined
  readonly addGenerationPrompt?: boolean | undefined
}

export interface AnswerWork {
  readonly messages: readonly ChatMessage[]
  readonly maxNewTokens: number
  readonly stop: readonly string[]
  readonly temperature: number
  readonly topP: number
  readonly seed: number
}

/**
 * Reads the residual stream at sites, one chunk of the prompt a step.
 * @param prefix what need not be read again where a prompt of one chunk opens with it
 */
export async function* readSites(
  { manifest, tokenizer, template }: DecoderText,
  graph: DecoderGraph,
  { messages, sites, maxTokens = manifest.contextTokens, addGenerationPrompt = true }: ReadWork,
  prefix?: PromptPrefix,
): Work<DecoderReading> {
  const limit = Math.min(maxTokens, manifest.contextTokens)
  const prompt = buildChatPrompt(messages, template, tokenizer, { addGenerationPrompt })
  const tokens = prompt.ids.length
  if (tokens > limit) return { kind: 'too-long', tokens }
  const wanted = sites.map(({ site, position }) => ({
    site,
    index: indexOf(position, prompt, manifest.id),
  }))

  const rows: Float32Array[] = new Array(sites.length)
  const known = tokens <= CHUNK_TOKENS && prefix && opensWith(prompt.ids, prefix) ? prefix : undefined
  const reused = known && wanted.every(({ index }) => index >= known.ids.length) ? known : undefined
  const cache = tokens > CHUNK_TOKENS ? graph.createCache(tokens) : reused?.past
  try {
    for (let start = reused?.ids.length ?? 0; start < tokens; start += CHUNK_TOKENS) {
      yield
      const ids = prompt.ids.slice(start, start + CHUNK_TOKENS)
      const here = wanted.filter(({ index }) => index >= start && index < start + ids.length)
      const results = await graph.pass(ids, start, cache, [...new Set(here.map(({ site }) => site))])
      for (const [order, { site, index }] of wanted.entries()) {
        if (index < start || index >= start + ids.length) continue
        rows[order] = rowAt(results, site, index - start, ids.length, manifest)
      }
    }
  } finally {
    cache?.release()
  }
  return { kind: 'read', tokens, rows }
}

/** Answers, one token a step; each step hands out the text that it completed. */
export async function* answer(
  { manifest, tokenizer, template }: DecoderText,
  graph: DecoderGraph,
  { messages, maxNewTokens, stop, temperature, topP, seed }: AnswerWork,
): Work<Finished, TextDelta | undefined> {
  const { contextTokens, id: model } = manifest
  const exceeded = (promptTokens: number) =>
    fault('PARAPET_MODEL_CONTEXT_EXCEEDED', { model, promptTokens, maxNewTokens, contextTokens })
  const prompt = buildChatPrompt(messages, template, tokenizer)
  const promptTokens = prompt.ids.length
  if (promptTokens === 0 || promptTokens + maxNewTokens > contextTokens) throw exceeded(promptTokens)

  const choose = tokenChoice({ temperature, topP, seed })
  const written = answerText(tokenizer, stop)
  const cache = graph.createCache(promptTokens)
  let text = ''
  let newTokens = 0
  let results: Tensors = {}
  try {
    for (let start = 0; start < promptTokens; start += CHUNK_TOKENS) {
      yield
      results = await graph.pass(prompt.ids.slice(start, start + CHUNK_TOKENS), start, cache, ['logits'])
    }
    while (true) {
      const tokenId = choose(lastLogits(results, manifest))
      if (tokenId < 0) throw malformed(model, 'logits', 'not a number', 'finite numbers')
      newTokens += 1
      const ended = manifest.chat.eosTokenIds.includes(tokenId)
      const capped = newTokens >= maxNewTokens
      let delta = ended ? '' : written.push(tokenId)
      if (ended || capped) delta += written.finish()
      text += delta
      // Also an empty step is handed out: between two tokens an abort takes effect.
      yield delta === '' ? undefined : { text: delta, tokenId }
      if (written.stopped) return { reason: 'stop-text', text, promptTokens, newTokens }
      if (ended) return { reason: 'end', text, promptTokens, newTokens }
      if (capped) return { reason: 'max-tokens', text, promptTokens, newTokens }
      results = await graph.pass([tokenId], promptTokens + newTokens - 1, cache, ['logits'])
    }
  } finally {
    cache.release()
  }
}

/** The blocks that sites enter, each once, in order. @throws `PARAPET_MODEL_SITE_UNKNOWN` */
export function blocksOf(sites: readonly { readonly site: string }[], manifest: DecoderManifest): number[] {
  const blocks = new Set<number>()
  for (const { site } of sites) {
    const block = blockOf(site)
    if (block === undefined || block >= manifest.layers) {
      // A site is the app's own text, not a user's; a misspelt one is still cut short.
      const shown = site.slice(0, 60)
      throw fault('PARAPET_MODEL_SITE_UNKNOWN', { model: manifest.id, site: shown, blocks: manifest.layers })
    }
    blocks.add(block)
  }
  return [...blocks].sort((a, b) => a - b)
}

function indexOf(position: Position, prompt: ChatPrompt, model: string): number {
  const tokens = prompt.ids.length
  let index: number | undefined
  if (position === 'last') index = tokens - 1
  else if (position === 'last-instruction') index = prompt.lastInstruction
  else if (Number.isInteger(position)) index = position < 0 ? tokens + position : position
  if (index === undefined || index < 0 || index >= tokens) {
    throw fault('PARAPET_MODEL_POSITION_UNKNOWN', { model, position: String(position), tokens })
  }
  return index
}

function rowAt(
  results: Tensors,
  site: string,
  index: number,
  tokens: number,
  { hidden, id }: DecoderManifest,
): Float32Array {
  const data = results[site]?.data
  if (!(data instanceof Float32Array) || data.length !== tokens * hidden) {
    const received = data instanceof Float32Array ? `${data.length} numbers` : 'not float32'
    throw malformed(id, site, received, `${tokens * hidden} numbers`)
  }
  const row = data.slice(index * hidden, (index + 1) * hidden)
  if (!row.every(Number.isFinite)) throw malformed(id, site, 'not finite', 'finite numbers')
  return row
}

function lastLogits(results: Tensors, { vocabulary, id }: DecoderManifest): Float32Array {
  const data = results['logits']?.data
  if (data instanceof Float32Array && data.length >= vocabulary && data.length % vocabulary === 0) {
    return data.subarray(data.length - vocabulary)
  }
  throw malformed(id, 'logits', 'of another size', `a multiple of ${vocabulary} numbers`)
}

function malformed(model: string, output: string, received: string, expected: string): Error {
  return fault('PARAPET_MODEL_OUTPUT_MALFORMED', { model, output, received, expected })
}
