import { fault } from '../errors/codes.ts'
import type { Intervention } from '../graph/intervention.ts'
import type { CheckedGraph, DecoderGraph } from './decoder-graph.ts'
import type { PlacedIntervention } from './intervention-feeds.ts'
import type { DecoderManifest } from './manifest.ts'
import type { Tensors } from './onnx-session.ts'

const PROMPT_TOKENS = 12

/** What a trial of a graph gave. */
export interface Trial {
  /** The logits behind the prompt but its last token, and behind all of it. */
  readonly logits: readonly Float32Array[]
  /** By site: the rows of every position. */
  readonly rows: ReadonlyMap<string, Float32Array>
  readonly positions: number
}

/**
 * Reads a short prompt of arbitrary tokens: all but the last in one pass, the last behind a cache, which are the two
 * ways that a graph is run. An intervention spares the first token or nothing.
 */
export async function tryGraph(
  graph: Pick<CheckedGraph, 'pass' | 'createCache' | 'sites'>,
  manifest: DecoderManifest,
  intervention?: Intervention,
): Promise<Trial> {
  const { hidden } = manifest
  const ids = trialTokens(manifest)
  const spared = new Set(intervention?.spare === 'first' ? [0] : [])
  const placed = intervention && { intervention, spared }
  const logits: Float32Array[] = []
  const pieces = new Map(graph.sites.map((site): [string, Float32Array[]] => [site, []]))
  for await (const pass of passes(graph, ids, graph.sites, placed)) {
    logits.push(pass.logits)
    for (const [site, rows] of pieces) rows.push(floatsOf(pass.results, site))
  }
  const rows = new Map(
    [...pieces].map(([site, parts]): [string, Float32Array] => [
      site,
      Float32Array.from(parts.flatMap((part) => [...part])),
    ]),
  )
  for (const [site, { length }] of rows) {
    if (length === ids.length * hidden) continue
    throw unverified(manifest, site, `${length} numbers`, `${ids.length * hidden} numbers`)
  }
  return { logits, rows, positions: ids.length }
}

async function* passes(
  graph: Pick<DecoderGraph, 'pass' | 'createCache'>,
  ids: readonly number[],
  sites: readonly string[],
  placed?: PlacedIntervention,
): AsyncGenerator<{ results: Tensors; logits: Float32Array }> {
  const cache = graph.createCache(ids.length)
  try {
    for (const [start, end] of [
      [0, ids.length - 1],
      [ids.length - 1, ids.length],
    ] as const) {
      const results = await graph.pass(ids.slice(start, end), start, cache, ['logits', ...sites], placed)
      yield { results, logits: floatsOf(results, 'logits') }
    }
  } finally {
    cache.release()
  }
}

function floatsOf(results: Tensors, name: string): Float32Array {
  const data = results[name]?.data
  return data instanceof Float32Array ? data.slice() : new Float32Array(0)
}

/** Tokens from all over the vocabulary, the same each time. */
function trialTokens({ vocabulary }: DecoderManifest): number[] {
  return Array.from({ length: PROMPT_TOKENS }, (_, index) => ((index + 1) * 7919) % vocabulary)
}

/** A unit vector with a share in every dimension, the same each time: its numbers are far from each other's multiples. */
export function seededUnit(seed: number, length: number): Float32Array {
  const vector = Float32Array.from({ length }, (_, index) => Math.sin((index + 1) * (seed + 0.618) * 12.9898))
  const norm = Math.hypot(...vector)
  return vector.map((value) => value / norm)
}

/** An edit that does not do what it says. */
export function unverified(
  { id }: Pick<DecoderManifest, 'id'>,
  site: string,
  received: string,
  expected: string,
): Error {
  return fault('PARAPET_MODEL_EDIT_UNVERIFIED', { model: id, site, received, expected })
}
