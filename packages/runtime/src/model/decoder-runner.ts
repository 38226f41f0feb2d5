import { fault } from '../errors/codes.ts'
import type { Intervention } from '../graph/intervention.ts'
import { blockOf, type Position, type ReadSite, residPre } from '../graph/site.ts'
import type { DecoderReading, Finished, FirstToken, TextDelta } from '../host/decoder-model.ts'
import { answerText } from '../text/answer-text.ts'
import type { ChatMessage } from '../text/chat-message.ts'
import { buildChatPrompt, type ChatPrompt } from '../text/chat-prompt.ts'
import { tokenChoice } from '../text/token-choice.ts'
import { rowNorms, type SinkMemory, sinkBlock, sinksOf } from './attention-sinks.ts'
import type { DecoderGraph } from './decoder-graph.ts'
import type { DecoderText } from './decoder-text.ts'
import type { PlacedIntervention } from './intervention-feeds.ts'
import type { DecoderManifest } from './manifest.ts'
import type { Tensors } from './onnx-session.ts'
import type { Prefills } from './prefills.ts'
import { opensWith, type PromptPrefix } from './prompt-prefix.ts'
import type { Work } from './work.ts'

/** Tokens of a prompt that one step passes. Fixed, so that the same prompt gives the same numbers. */
export const CHUNK_TOKENS = 256

export interface ReadWork {
  readonly messages: readonly ChatMessage[]
  readonly sites: readonly ReadSite[]
  readonly maxTokens?: number | undefined
  readonly addGenerationPrompt?: boolean | undefined
  readonly intervention?: Intervention | undefined
}

export interface AnswerWork {
  readonly messages: readonly ChatMessage[]
  readonly maxNewTokens: number
  readonly stop: readonly string[]
  readonly temperature: number
  readonly topP: number
  readonly seed: number
  readonly intervention?: Intervention | undefined
}

export interface FirstTokenWork {
  readonly messages: readonly ChatMessage[]
  readonly prefill: string
  readonly intervention?: Intervention | undefined
}

/** What a part of a model keeps between its requests. */
export interface ReadingAids {
  /** What need not be read again where a prompt of one chunk opens with it. */
  readonly prefix?: PromptPrefix | undefined
  readonly sinks?: SinkMemory | undefined
  /** Where the graph answers too: prompts that were read, for their answers. */
  readonly prefills?: Prefills | undefined
}

/**
 * Reads the residual stream at sites, one chunk of the prompt a step.
 */
export async function* readSites(
  { manifest, tokenizer, template }: DecoderText,
  graph: DecoderGraph,
  { messages, sites, maxTokens = manifest.contextTokens, addGenerationPrompt = true, intervention }: ReadWork,
  { prefix, sinks, prefills }: ReadingAids = {},
): Work<DecoderReading> {
  const limit = Math.min(maxTokens, manifest.contextTokens)
  const prompt = buildChatPrompt(messages, template, tokenizer, { addGenerationPrompt })
  const tokens = prompt.ids.length
  if (tokens > limit) return { kind: 'too-long', tokens }
  const wanted = sites.map(({ site, position }) => ({
    site,
    index: indexOf(position, prompt, manifest.id),
  }))

  const placed = yield* placeIntervention(graph, manifest, prompt.ids, intervention, sinks)
  const rows: Float32Array[] = new Array(sites.length)
  // An answer follows a prompt that opens its turn, in the model as it is.
  const answered = addGenerationPrompt && placed === undefined ? prefills : undefined
  const known =
    !answered && tokens <= CHUNK_TOKENS && prefix && opensWith(prompt.ids, prefix) ? prefix : undefined
  const reused = known && wanted.every(({ index }) => index >= known.ids.length) ? known : undefined
  const whole = answered !== undefined || tokens > CHUNK_TOKENS
  const cache = whole ? graph.createCache(tokens) : reused?.past
  let kept = false
  try {
    let results: Tensors = {}
    for (let start = reused?.ids.length ?? 0; start < tokens; start += CHUNK_TOKENS) {
      yield
      const ids = prompt.ids.slice(start, start + CHUNK_TOKENS)
      const here = wanted.filter(({ index }) => index >= start && index < start + ids.length)
      const outputs = new Set<string>(here.map(({ site }) => site))
      if (answered && start + ids.length === tokens) outputs.add('logits')
      results = await graph.pass(ids, start, cache, [...outputs], placed)
      for (const [order, { site, index }] of wanted.entries()) {
        if (index < start || index >= start + ids.length) continue
        rows[order] = rowAt(results, site, index - start, ids.length, manifest)
      }
    }
    if (answered && cache) {
      answered.keep({ prompt: prompt.ids, cache, logits: lastLogits(results, manifest).slice() })
      kept = true
    }
  } finally {
    if (!kept) cache?.release()
  }
  const { lastInstruction } = prompt
  return { kind: 'read', tokens, rows, ...(lastInstruction === undefined ? {} : { lastInstruction }) }
}

/** Answers, one token a step; each step hands out the text that it completed. */
export async function* answer(
  { manifest, tokenizer, template }: DecoderText,
  graph: DecoderGraph,
  { messages, maxNewTokens, stop, temperature, topP, seed, intervention }: AnswerWork,
  { sinks, prefills }: ReadingAids = {},
): Work<Finished, TextDelta | undefined> {
  const { contextTokens, id: model } = manifest
  const exceeded = (promptTokens: number) =>
    fault('PARAPET_MODEL_CONTEXT_EXCEEDED', { model, promptTokens, maxNewTokens, contextTokens })
  const prompt = buildChatPrompt(messages, template, tokenizer)
  const promptTokens = prompt.ids.length
  if (promptTokens === 0 || promptTokens + maxNewTokens > contextTokens) throw exceeded(promptTokens)

  const choose = tokenChoice({ temperature, topP, seed })
  const written = answerText(tokenizer, stop)
  const placed = yield* placeIntervention(graph, manifest, prompt.ids, intervention, sinks)
  const read = prefills?.take(prompt.ids)
  const cache = read?.cache ?? graph.createCache(promptTokens)
  const reusedTokens = read ? promptTokens : 0
  let text = ''
  let newTokens = 0
  let results: Tensors = {}
  try {
    for (let start = reusedTokens; start < promptTokens; start += CHUNK_TOKENS) {
      yield
      results = await graph.pass(
        prompt.ids.slice(start, start + CHUNK_TOKENS),
        start,
        cache,
        ['logits'],
        placed,
      )
    }
    let logits = read?.logits ?? lastLogits(results, manifest)
    while (true) {
      const tokenId = choose(logits)
      if (tokenId < 0) throw malformed(model, 'logits', 'not a number', 'finite numbers')
      newTokens += 1
      const ended = manifest.chat.eosTokenIds.includes(tokenId)
      const capped = newTokens >= maxNewTokens
      let delta = ended ? '' : written.push(tokenId)
      if (ended || capped) delta += written.finish()
      text += delta
      // Also an empty step is handed out: between two tokens an abort takes effect.
      yield delta === '' ? undefined : { text: delta, tokenId }
      const counted = { text, promptTokens, reusedTokens, newTokens }
      if (written.stopped) return { reason: 'stop-text', ...counted }
      if (ended) return { reason: 'end', ...counted }
      if (capped) return { reason: 'max-tokens', ...counted }
      results = await graph.pass([tokenId], promptTokens + newTokens - 1, cache, ['logits'], placed)
      logits = lastLogits(results, manifest)
    }
  } finally {
    cache.release()
  }
}

/** The logits of the first token of an answer, one chunk of the prompt a step. */
export async function* firstToken(
  { manifest, tokenizer, template }: DecoderText,
  graph: DecoderGraph,
  { messages, prefill, intervention }: FirstTokenWork,
  { sinks }: ReadingAids = {},
): Work<FirstToken> {
  const { contextTokens, id: model } = manifest
  const prompt = buildChatPrompt(messages, template, tokenizer)
  const ids = prefill === '' ? prompt.ids : [...prompt.ids, ...tokenizer.encode(prefill, true)]
  const promptTokens = ids.length
  if (promptTokens === 0 || promptTokens >= contextTokens) {
    throw fault('PARAPET_MODEL_CONTEXT_EXCEEDED', { model, promptTokens, maxNewTokens: 1, contextTokens })
  }
  const placed = yield* placeIntervention(graph, manifest, ids, intervention, sinks)
  const unread = placed === undefined && sinks?.get(ids) === undefined ? sinks : undefined
  const norms: number[] = []
  const site = residPre(sinkBlock(manifest.layers))
  const cache = promptTokens > CHUNK_TOKENS ? graph.createCache(promptTokens) : undefined
  try {
    let results: Tensors = {}
    for (let start = 0; start < promptTokens; start += CHUNK_TOKENS) {
      yield
      const chunk = ids.slice(start, start + CHUNK_TOKENS)
      results = await graph.pass(chunk, start, cache, unread ? ['logits', site] : ['logits'], placed)
      if (unread) norms.push(...rowNorms(rowsOf(results, site, chunk.length, manifest), manifest.hidden))
    }
    unread?.set(ids, sinksOf(norms))
    const logits = lastLogits(results, manifest).slice()
    if (!logits.every(Number.isFinite)) throw malformed(model, 'logits', 'not finite', 'finite numbers')
    return { logits, promptTokens }
  } finally {
    cache?.release()
  }
}

/**
 * Finds the positions that an intervention spares. Sinks are looked for in the model as it is: unless the prompt was
 * read before, that is a pass of its own. `undefined` where nothing is changed.
 */
async function* placeIntervention(
  graph: DecoderGraph,
  manifest: DecoderManifest,
  ids: readonly number[],
  intervention: Intervention | undefined,
  memory: SinkMemory | undefined,
): Work<PlacedIntervention | undefined> {
  if (intervention === undefined || !changes(intervention)) return undefined
  const { spare = 'sinks' } = intervention
  if (spare !== 'sinks') return { intervention, spared: new Set(spare === 'first' ? [0] : []) }
  const known = memory?.get(ids)
  if (known) return { intervention, spared: known }
  const site = residPre(sinkBlock(manifest.layers))
  const norms: number[] = []
  const cache = ids.length > CHUNK_TOKENS ? graph.createCache(ids.length) : undefined
  try {
    for (let start = 0; start < ids.length; start += CHUNK_TOKENS) {
      yield
      const chunk = ids.slice(start, start + CHUNK_TOKENS)
      const results = await graph.pass(chunk, start, cache, [site])
      norms.push(...rowNorms(rowsOf(results, site, chunk.length, manifest), manifest.hidden))
    }
  } finally {
    cache?.release()
  }
  const spared = sinksOf(norms)
  memory?.set(ids, spared)
  return { intervention, spared }
}

function changes({ erase, add }: Intervention): boolean {
  return (
    (erase !== undefined && (erase.strength ?? 1) !== 0) || (add !== undefined && (add.strength ?? 1) !== 0)
  )
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

export function indexOf(position: Position, prompt: ChatPrompt, model: string): number {
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

export function rowAt(
  results: Tensors,
  site: string,
  index: number,
  tokens: number,
  manifest: DecoderManifest,
): Float32Array {
  const { hidden, id } = manifest
  const row = rowsOf(results, site, tokens, manifest).slice(index * hidden, (index + 1) * hidden)
  if (!row.every(Number.isFinite)) throw malformed(id, site, 'not finite', 'finite numbers')
  return row
}

function rowsOf(
  results: Tensors,
  site: string,
  tokens: number,
  { hidden, id }: DecoderManifest,
): Float32Array {
  const data = results[site]?.data
  if (data instanceof Float32Array && data.length === tokens * hidden) return data
  const received = data instanceof Float32Array ? `${data.length} numbers` : 'not float32'
  throw malformed(id, site, received, `${tokens * hidden} numbers`)
}

export function lastLogits(results: Tensors, { vocabulary, id }: DecoderManifest): Float32Array {
  const data = results['logits']?.data
  if (data instanceof Float32Array && data.length >= vocabulary && data.length % vocabulary === 0) {
    return data.subarray(data.length - vocabulary)
  }
  throw malformed(id, 'logits', 'of another size', `a multiple of ${vocabulary} numbers`)
}

function malformed(model: string, output: string, received: string, expected: string): Error {
  return fault('PARAPET_MODEL_OUTPUT_MALFORMED', { model, output, received, expected })
}
