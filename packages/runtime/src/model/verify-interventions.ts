import { fault } from '../errors/codes.ts'
import type { Intervention } from '../graph/intervention.ts'
import type { InterventionCheck } from '../host/decoder-model.ts'
import { type CheckedGraph, openAnsweringGraph, openCheckedGraph } from './decoder-graph.ts'
import type { PlacedIntervention } from './intervention-feeds.ts'
import type { DecoderManifest } from './manifest.ts'
import type { DecoderModelFolder } from './model-folder.ts'
import type { Tensors } from './onnx-session.ts'
import { leakOf, missOf, sameBits, sameNumbers } from './stream-rows.ts'
import type { Work } from './work.ts'

/**
 * What may be left of an erased direction, or be wrong with an added one, as a share of the residual's length. Sums of
 * float32 stay under a millionth; a writer that is missed leaves a hundredth or more.
 */
const TOLERANCE = 1e-5
const PROMPT_TOKENS = 12
const DIRECTIONS = 3

/**
 * Checks by running it that a model's graph does what an edit says: nothing where nothing is asked, nothing left of what
 * is erased, and what is added exactly where it is added. The session of the file as it is comes first and is let go.
 * @throws `PARAPET_MODEL_EDIT_UNVERIFIED`, `PARAPET_MODEL_GRAPH_UNSUPPORTED`
 */
export async function* verifyInterventions(
  folder: DecoderModelFolder,
  threads: number,
): Work<InterventionCheck> {
  const { manifest } = folder
  const ids = checkTokens(manifest)
  yield
  const asItIs = await openAnsweringGraph(folder, threads)
  const expected: Float32Array[] = []
  try {
    for await (const { logits } of passes(asItIs, ids, [])) expected.push(logits)
  } finally {
    await asItIs.dispose()
  }
  yield
  const checked = await openCheckedGraph(folder, threads)
  try {
    const run = (intervention?: Intervention) => runChecked(checked, ids, manifest, intervention)
    const base = await run()
    yield
    for (const [pass, logits] of expected.entries()) {
      if (sameBits(logits, base.logits[pass] ?? new Float32Array(0))) continue
      const site = pass === 0 ? 'logits of a prompt' : 'logits behind a cache'
      throw unverified(manifest, site, 'changed by an edit of strength 0', 'the same to the bit')
    }
    const leak = yield* checkErasure(run, checked.sites, manifest)
    const shift = yield* checkAddition(run, base, checked.sites, manifest)
    return { sites: checked.sites.length, positions: ids.length, identical: true, leak, shift }
  } finally {
    await checked.dispose()
  }
}

interface CheckedRun {
  readonly logits: readonly Float32Array[]
  /** By site: the rows of every position. */
  readonly rows: ReadonlyMap<string, Float32Array>
}

type Run = (intervention?: Intervention) => Promise<CheckedRun>

async function* checkErasure(run: Run, sites: readonly string[], manifest: DecoderManifest): Work<number> {
  let worst = 0
  for (let seed = 1; seed <= DIRECTIONS; seed += 1) {
    const direction = seededUnit(seed, manifest.hidden)
    const offset = seed === DIRECTIONS ? 0.5 : 0
    const { rows } = await run({ erase: { direction, offset }, spare: 'first' })
    yield
    for (const site of sites) {
      const here = rows.get(site) ?? new Float32Array(0)
      for (let position = 1; position * manifest.hidden < here.length; position += 1) {
        const leak = leakOf(here, position, direction, offset)
        worst = Math.max(worst, leak)
        if (leak <= TOLERANCE) continue
        const received = `still ${leak.toExponential(1)} along an erased direction`
        throw unverified(manifest, site, received, `${TOLERANCE} of its length at most`)
      }
    }
  }
  return worst
}

async function* checkAddition(
  run: Run,
  base: CheckedRun,
  sites: readonly string[],
  manifest: DecoderManifest,
): Work<number> {
  let worst = 0
  for (const block of new Set([0, Math.floor(manifest.layers / 2), manifest.layers - 1])) {
    const at = `blocks.${block}.hook_resid_pre`
    const vector = seededUnit(block + 1, manifest.hidden).map((value) => value * 8)
    const { rows } = await run({ add: { vector, block }, spare: 'none' })
    yield
    for (const site of sites) {
      const before = base.rows.get(site) ?? new Float32Array(0)
      const after = rows.get(site) ?? new Float32Array(0)
      if (site !== at) {
        if (sameNumbers(before, after)) continue
        throw unverified(manifest, site, `changed by a vector added at ${at}`, 'left as it was')
      }
      for (let position = 0; position * manifest.hidden < before.length; position += 1) {
        const miss = missOf(after, before, position, vector)
        worst = Math.max(worst, miss)
        if (miss <= TOLERANCE) continue
        const received = `${miss.toExponential(1)} of its length from the sum with an added vector`
        throw unverified(manifest, site, received, `${TOLERANCE} at most`)
      }
      break
    }
  }
  return worst
}

async function runChecked(
  graph: CheckedGraph,
  ids: readonly number[],
  { layers, hidden }: DecoderManifest,
  intervention: Intervention | undefined,
): Promise<CheckedRun> {
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
    throw unverified({ id: `of ${layers} blocks` }, site, `${length} numbers`, `${ids.length * hidden}`)
  }
  return { logits, rows }
}

/** The prompt but its last token in one pass, and the last behind a cache: both ways that a graph is run. */
async function* passes(
  graph: Pick<CheckedGraph, 'pass' | 'createCache'>,
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
function checkTokens({ vocabulary }: DecoderManifest): number[] {
  return Array.from({ length: PROMPT_TOKENS }, (_, index) => ((index + 1) * 7919) % vocabulary)
}

/** A unit vector with a share in every dimension, the same each time: its numbers are far from each other's multiples. */
function seededUnit(seed: number, length: number): Float32Array {
  const vector = Float32Array.from({ length }, (_, index) => Math.sin((index + 1) * (seed + 0.618) * 12.9898))
  const norm = Math.hypot(...vector)
  return vector.map((value) => value / norm)
}

function unverified(
  { id }: Pick<DecoderManifest, 'id'>,
  site: string,
  received: string,
  expected: string,
): Error {
  return fault('PARAPET_MODEL_EDIT_UNVERIFIED', { model: id, site, received, expected })
}
