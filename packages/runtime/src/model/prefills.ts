import type { KeyValueCache } from './key-value-cache.ts'

/** A prompt that was read, and that its answer can go on behind. */
export interface Prefill {
  readonly prompt: readonly number[]
  /** The keys and values of the whole prompt. */
  readonly cache: KeyValueCache
  /** float32[vocabulary]: of the answer's first token. */
  readonly logits: Float32Array
}

/** Prompts that were read and may be answered. Bounded in tokens; the one that was read longest ago goes first. */
export interface Prefills {
  /** Takes the one of this very prompt out, if there is one: a cache serves one answer, which writes into it. */
  take(prompt: readonly number[]): Prefill | undefined
  keep(prefill: Prefill): void
  release(): void
}

/** @param mostTokens tokens of all prompts that are kept */
export function createPrefills(mostTokens: number): Prefills {
  const kept = new Set<Prefill>()
  let tokens = 0
  const remove = (one: Prefill) => {
    kept.delete(one)
    tokens -= one.prompt.length
  }
  return {
    take(prompt) {
      for (const one of kept) {
        if (!same(one.prompt, prompt)) continue
        remove(one)
        return one
      }
      return undefined
    },
    keep(prefill) {
      kept.add(prefill)
      tokens += prefill.prompt.length
      for (const oldest of kept) {
        if (tokens <= mostTokens) break
        remove(oldest)
        oldest.cache.release()
      }
    },
    release() {
      for (const { cache } of kept) cache.release()
      kept.clear()
      tokens = 0
    },
  }
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index])
}
