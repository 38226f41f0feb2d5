import { createHash } from 'node:crypto'
import type { ReadSite } from '../graph/site.ts'
import type { KeyValueCache } from './key-value-cache.ts'
import type { TokenReading } from './token-reading.ts'

/** An answer that was read up to a place, and what was read of it: whatever follows is read behind it. */
export interface Continuation {
  /** What was read: the places and the readings, by digest. */
  readonly asked: string
  readonly prompt: readonly number[]
  /** Tokens of the answer whose keys and values lie in the cache. */
  readonly answer: readonly number[]
  readonly cache: KeyValueCache
  /** float32[hidden] for each place of the prompt. */
  readonly rows: readonly Float32Array[]
  /** Of each reading, a number for each token of `answer`. */
  readonly readings: readonly (readonly number[])[]
}

/** Answers that may go on. Bounded in tokens; the one that was used longest ago goes first. */
export interface Continuations {
  /** Takes the one that has read most of this answer out, if there is one. */
  take(asked: string, prompt: readonly number[], answer: readonly number[]): Continuation | undefined
  keep(continuation: Continuation): void
  release(): void
}

/**
 * Tokens of all answers that are kept, prompts included: 50 MB of keys and values in the shipped sentinel's 16 blocks,
 * and enough for eight answers at a time.
 */
const CONTINUATION_TOKENS = 2048

export function createContinuations(mostTokens = CONTINUATION_TOKENS): Continuations {
  const kept = new Set<Continuation>()
  const tokensOf = ({ prompt, answer }: Continuation) => prompt.length + answer.length
  return {
    take(asked, prompt, answer) {
      const fitting = [...kept].filter((one) => one.asked === asked && same(one.prompt, prompt))
      const [best] = fitting.sort((a, b) => sharedLength(b.answer, answer) - sharedLength(a.answer, answer))
      if (best) kept.delete(best)
      return best
    },
    keep(continuation) {
      kept.add(continuation)
      let tokens = [...kept].reduce((sum, one) => sum + tokensOf(one), 0)
      for (const oldest of kept) {
        if (tokens <= mostTokens) break
        tokens -= tokensOf(oldest)
        kept.delete(oldest)
        oldest.cache.release()
      }
    },
    release() {
      for (const { cache } of kept) cache.release()
      kept.clear()
    },
  }
}

/** Digest of what is asked for: other places or weights are another reading. */
export function digestOf(sites: readonly ReadSite[], readings: readonly TokenReading[]): string {
  const hash = createHash('sha256').update(JSON.stringify(sites))
  for (const { weight, ...facts } of readings) {
    hash.update(JSON.stringify(facts))
    hash.update(new Uint8Array(weight.buffer, weight.byteOffset, weight.byteLength))
  }
  return hash.digest('base64')
}

/** How many leading tokens two texts share. */
export function sharedLength(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((id, index) => id !== b[index])
  return differs === -1 ? a.length : differs
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && sharedLength(a, b) === a.length
}
