import type { ReadSite } from '../graph/site.ts'
import type { TooLong } from '../host/reading.ts'
import type { TokenRead } from '../host/token-read.ts'
import type { ChatMessage } from '../text/chat-message.ts'
import { buildChatPrompt, type ChatPrompt } from '../text/chat-prompt.ts'
import { type Continuation, type Continuations, digestOf, sharedLength } from './continuations.ts'
import type { DecoderGraph } from './decoder-graph.ts'
import { CHUNK_TOKENS, indexOf, lastLogits, type ReadingAids, rowAt } from './decoder-runner.ts'
import type { DecoderText } from './decoder-text.ts'
import type { KeyValueCache } from './key-value-cache.ts'
import type { DecoderManifest } from './manifest.ts'
import type { Tensors } from './onnx-session.ts'
import { opensWith } from './prompt-prefix.ts'
import { readTokenValues, type TokenReading } from './token-reading.ts'
import type { Work } from './work.ts'

/**
 * Tokens of an answer that one step passes. Steps begin at fixed places of the answer, and only whole ones are kept: so an
 * answer gives the same numbers read at once and as it grows. Smaller would be slower: below 8, other kernels run.
 */
const ANSWER_CHUNK_TOKENS = 16

export interface TokenReadWork {
  readonly messages: readonly ChatMessage[]
  readonly sites: readonly ReadSite[]
  readonly readings: readonly TokenReading[]
  readonly answer?: string | undefined
  readonly maxTokens?: number | undefined
}

/** Reads a prompt, or an answer behind it, token by token; one chunk a step. */
export async function* readTokens(
  text: DecoderText,
  graph: DecoderGraph,
  work: TokenReadWork,
  aids: ReadingAids & { readonly continuations: Continuations },
): Work<TokenRead | TooLong> {
  const { manifest, tokenizer, template } = text
  const { messages, answer, maxTokens = manifest.contextTokens } = work
  const prompt = buildChatPrompt(messages, template, tokenizer)
  const answerIds = answer === undefined ? [] : tokenizer.encode(answer, true)
  const tokens = prompt.ids.length + answerIds.length
  if (tokens > Math.min(maxTokens, manifest.contextTokens)) return { kind: 'too-long', tokens }
  return answer === undefined
    ? yield* readPrompt(graph, manifest, prompt, work, aids)
    : yield* readAnswer(graph, manifest, prompt, answerIds, work, aids.continuations)
}

/** A stretch of tokens that passes are collected over. */
interface Collected {
  readonly rows: Float32Array[]
  readonly values: number[][]
}

/** Passes `ids` and takes out of them the rows of the prompt's places and the values of the tokens in `span`. */
async function collect(
  graph: DecoderGraph,
  manifest: DecoderManifest,
  pass: { ids: readonly number[]; start: number; cache: KeyValueCache | undefined; also?: readonly string[] },
  wanted: readonly { site: ReadSite['site']; index: number }[],
  readings: readonly TokenReading[],
  span: { from: number; to: number },
  into: Collected,
): Promise<Tensors> {
  const { ids, start, cache, also = [] } = pass
  const end = start + ids.length
  const here = wanted.filter(({ index }) => index >= start && index < end)
  const [from, to] = [Math.max(span.from, start), Math.min(span.to, end)]
  const read = from < to ? readings : []
  const outputs = new Set([...here, ...read].map(({ site }) => site))
  const results = await graph.pass(ids, start, cache, [...outputs, ...also])
  for (const [order, { site, index }] of wanted.entries()) {
    if (index < start || index >= end) continue
    into.rows[order] = rowAt(results, site, index - start, ids.length, manifest)
  }
  for (const [order, reading] of read.entries()) {
    const values = readTokenValues(reading, results, ids.length, manifest)
    into.values[order]?.push(...values.subarray(from - start, to - start))
  }
  return results
}

async function* readPrompt(
  graph: DecoderGraph,
  manifest: DecoderManifest,
  prompt: ChatPrompt,
  { sites, readings }: TokenReadWork,
  { prefix, prefills }: ReadingAids,
): Work<TokenRead> {
  const tokens = prompt.ids.length
  const wanted = placesIn(prompt, sites, manifest)
  const last = prompt.lastInstruction
  const span =
    last === undefined
      ? { from: 0, to: 0 }
      : { from: Math.min(prompt.firstInstruction ?? last, last), to: last + 1 }
  const known =
    !prefills && tokens <= CHUNK_TOKENS && prefix && opensWith(prompt.ids, prefix) ? prefix : undefined
  const read = known?.ids.length ?? 0
  const reused = known && span.from >= read && wanted.every(({ index }) => index >= read) ? known : undefined
  const whole = prefills !== undefined || tokens > CHUNK_TOKENS
  const cache = whole ? graph.createCache(tokens) : reused?.past
  const into: Collected = { rows: new Array(sites.length), values: readings.map(() => []) }
  let kept = false
  try {
    let results: Tensors = {}
    for (let start = reused?.ids.length ?? 0; start < tokens; start += CHUNK_TOKENS) {
      yield
      const ids = prompt.ids.slice(start, start + CHUNK_TOKENS)
      const also = prefills && start + ids.length === tokens ? ['logits'] : []
      results = await collect(graph, manifest, { ids, start, cache, also }, wanted, readings, span, into)
    }
    if (prefills && cache) {
      prefills.keep({ prompt: prompt.ids, cache, logits: lastLogits(results, manifest).slice() })
      kept = true
    }
  } finally {
    if (!kept) cache?.release()
  }
  return asRead(tokens, reused?.ids.length ?? 0, into)
}

async function* readAnswer(
  graph: DecoderGraph,
  manifest: DecoderManifest,
  prompt: ChatPrompt,
  answer: readonly number[],
  { sites, readings }: TokenReadWork,
  continuations: Continuations,
): Work<TokenRead> {
  const asked = digestOf(sites, readings)
  const begun = continuations.take(asked, prompt.ids, answer)
  const shared = begun ? sharedLength(begun.answer, answer) : 0
  let complete = shared - (shared % ANSWER_CHUNK_TOKENS)
  const opening = prompt.ids.length
  const cache = begun?.cache ?? graph.createCache(opening + answer.length)
  const into: Collected = {
    rows: [...(begun?.rows ?? [])],
    values: readings.map((_, order) => begun?.readings[order]?.slice(0, complete) ?? []),
  }
  const reused = begun ? opening + complete : 0
  let whole = false
  try {
    if (begun) cache.keepFirst(opening + complete)
    else {
      const wanted = placesIn(prompt, sites, manifest)
      for (let start = 0; start < opening; start += CHUNK_TOKENS) {
        yield
        const ids = prompt.ids.slice(start, start + CHUNK_TOKENS)
        await collect(graph, manifest, { ids, start, cache }, wanted, [], { from: 0, to: 0 }, into)
      }
    }
    for (let start = complete; start < answer.length; start += ANSWER_CHUNK_TOKENS) {
      yield
      const ids = answer.slice(start, start + ANSWER_CHUNK_TOKENS)
      const from = opening + start
      const span = { from, to: from + ids.length }
      await collect(graph, manifest, { ids, start: from, cache }, [], readings, span, into)
      if (ids.length === ANSWER_CHUNK_TOKENS) complete = start + ANSWER_CHUNK_TOKENS
    }
    cache.keepFirst(opening + complete)
    whole = true
  } finally {
    // Also when it is taken back between two steps.
    if (!whole) cache.release()
  }
  const kept: Continuation = {
    asked,
    prompt: prompt.ids,
    answer: answer.slice(0, complete),
    cache,
    rows: into.rows,
    readings: into.values.map((values) => values.slice(0, complete)),
  }
  continuations.keep(kept)
  return asRead(opening + answer.length, reused, into)
}

function placesIn(prompt: ChatPrompt, sites: readonly ReadSite[], { id }: DecoderManifest) {
  return sites.map(({ site, position }) => ({ site, index: indexOf(position, prompt, id) }))
}

function asRead(tokens: number, reusedTokens: number, { rows, values }: Collected): TokenRead {
  return { kind: 'read', tokens, reusedTokens, rows, readings: values.map((row) => Float32Array.from(row)) }
}
