import { LRUCache } from 'lru-cache'
import type { Measurement } from '../detector/measurement.ts'

/**
 * Measurements of before, by detector, content and context: what a conversation repeats is not measured again.
 * Faults are never remembered. Bounded by `entries`; holds no text, only digests and scores.
 */
export interface Memo {
  get(key: string): Measurement | undefined
  set(key: string, measurement: Measurement): void
}

/** @param entries how many measurements are kept; 0 keeps none */
export function createMemo(entries: number): Memo {
  if (entries === 0) return { get: () => undefined, set: () => undefined }
  const cache = new LRUCache<string, Measurement>({ max: entries })
  return {
    get: (key) => cache.get(key),
    set: (key, measurement) => {
      if (measurement.kind !== 'failed') cache.set(key, measurement)
    },
  }
}
