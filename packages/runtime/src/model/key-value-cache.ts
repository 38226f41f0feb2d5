import type { Tensor } from 'onnxruntime-node'
import type { DecoderManifest } from './manifest.ts'
import type { OnnxSession, Tensors } from './onnx-session.ts'

/** The keys and values of the tokens that a decoder has read. */
export interface KeyValueCache {
  /** Tensors to feed before a pass. */
  feeds(): Tensors
  /** Outputs to fetch in a pass. */
  fetches(): Readonly<Record<string, Tensor | null>>
  /** Takes a pass's results. */
  take(results: Tensors): void
}

const PAST = /^past_key_values\.(\d+)\.(key|value)$/

/** The inputs of a graph that take keys and values, and the output that continues each. */
export function cacheNames(session: OnnxSession): { past: string; present: string }[] {
  return session.inputNames.flatMap((past) => {
    const found = PAST.exec(past)
    return found ? [{ past, present: `present.${found[1]}.${found[2]}` }] : []
  })
}

/**
 * A cache with room for `capacity` tokens. Where the graph's attention writes in place (`GroupQueryAttention`), each
 * tensor is allocated once and is both input and output: a token then costs no copy of what was read before.
 */
export function createCache(
  session: OnnxSession,
  manifest: DecoderManifest,
  capacity: number,
  inPlace: boolean,
): KeyValueCache {
  const names = cacheNames(session)
  const room = inPlace ? capacity : 0
  const empty = () =>
    new session.tensors('float32', new Float32Array(manifest.kvHeads * room * manifest.headSize), [
      1,
      manifest.kvHeads,
      room,
      manifest.headSize,
    ])
  const past: Record<string, Tensor> = Object.fromEntries(names.map((name) => [name.past, empty()]))
  return {
    feeds: () => past,
    fetches: () =>
      Object.fromEntries(names.map((name) => [name.present, inPlace ? (past[name.past] ?? null) : null])),
    take(results) {
      if (inPlace) return
      for (const name of names) {
        const present = results[name.present]
        if (present) past[name.past] = present
      }
    },
  }
}
