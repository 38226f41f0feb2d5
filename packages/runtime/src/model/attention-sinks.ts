import { createHash } from 'node:crypto'

/**
 * A position is an attention sink where its residual norm is this many times the prompt's median. Massive activations
 * (Sun et al. 2024, arXiv 2402.17762) are far over it, other tokens far under it: docs/graph-edits.md has the figures.
 */
const OUTLIER_TIMES_MEDIAN = 10
/** Prompts whose sinks are remembered. */
const PROMPTS_KEPT = 4096

/** The block at whose input norms are looked at: massive activations have built up by then, and stay to the last blocks. */
export function sinkBlock(layers: number): number {
  return Math.floor(layers / 2)
}

/** The norm of each row of float32[sequence, hidden]. */
export function rowNorms(rows: Float32Array, hidden: number): number[] {
  return Array.from({ length: rows.length / hidden }, (_, row) => {
    let sum = 0
    for (let index = row * hidden; index < (row + 1) * hidden; index += 1) sum += (rows[index] ?? 0) ** 2
    return Math.sqrt(sum)
  })
}

/** The positions of a prompt that are sinks: the first token, and every massive outlier among the norms. */
export function sinksOf(norms: readonly number[]): ReadonlySet<number> {
  const sorted = [...norms].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const outliers = norms.flatMap((norm, position) => (norm > OUTLIER_TIMES_MEDIAN * median ? [position] : []))
  return new Set([0, ...outliers])
}

/** The sinks of the prompts that a graph has read without an intervention, by the prompt's digest: no text is kept. */
export interface SinkMemory {
  get(ids: readonly number[]): ReadonlySet<number> | undefined
  set(ids: readonly number[], sinks: ReadonlySet<number>): void
}

/** A memory of a bounded number of prompts; the oldest goes first. */
export function sinkMemory(): SinkMemory {
  const known = new Map<string, ReadonlySet<number>>()
  const keyOf = (ids: readonly number[]) =>
    createHash('sha256')
      .update(new Uint8Array(Int32Array.from(ids).buffer))
      .digest('base64')
  return {
    get: (ids) => known.get(keyOf(ids)),
    set(ids, sinks) {
      const [oldest] = known.keys()
      if (known.size >= PROMPTS_KEPT && oldest !== undefined) known.delete(oldest)
      known.set(keyOf(ids), sinks)
    },
  }
}
