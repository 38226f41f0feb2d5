import type { InterventionCheck } from '../host/decoder-model.ts'
import { type CheckedGraph, openAnsweringGraph, openCheckedGraph } from './decoder-graph.ts'
import type { DecoderManifest } from './manifest.ts'
import type { DecoderModelFolder } from './model-folder.ts'
import { leakOf, missOf, sameBits, sameNumbers } from './stream-rows.ts'
import { seededUnit, type Trial, tryGraph, unverified } from './trial.ts'
import type { Work } from './work.ts'

/**
 * What may be left of an erased direction, or be wrong with an added one, as a share of the residual's length. Sums of
 * float32 stay under a millionth; a writer that is missed leaves a hundredth or more.
 */
const TOLERANCE = 1e-5
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
  const asItIs = await openAnsweringGraph(folder, threads)
  let expected: Trial
  try {
    yield
    expected = await tryGraph({ ...asItIs, sites: [] }, manifest)
  } finally {
    await asItIs.dispose()
  }
  yield
  const graph = await openCheckedGraph(folder, threads)
  try {
    yield
    const base = await tryGraph(graph, manifest)
    checkIdentity(base, expected, manifest)
    const leak = yield* tryErasure(graph, manifest, DIRECTIONS)
    const shift = yield* tryAddition(graph, manifest, base)
    return { sites: graph.sites.length, positions: base.positions, identical: true, leak, shift }
  } finally {
    await graph.dispose()
  }
}

function checkIdentity(base: Trial, expected: Trial, manifest: DecoderManifest): void {
  for (const [pass, logits] of expected.logits.entries()) {
    if (logits.length > 0 && sameBits(logits, base.logits[pass] ?? new Float32Array(0))) continue
    const site = pass === 0 ? 'the logits of a prompt' : 'the logits behind a cache'
    throw unverified(manifest, site, 'changed by an edit of strength 0', 'the same to the bit')
  }
}

/**
 * Erases directions, the last of them to an offset, and looks at what is left at every site behind the first token.
 * Gives the most that was left.
 */
export async function* tryErasure(
  graph: CheckedGraph,
  manifest: DecoderManifest,
  directions: number,
): Work<number> {
  let worst = 0
  for (let seed = 1; seed <= directions; seed += 1) {
    const direction = seededUnit(seed, manifest.hidden)
    const offset = seed === DIRECTIONS ? 0.5 : 0
    const { rows, positions } = await tryGraph(graph, manifest, {
      erase: { direction, offset },
      spare: 'first',
    })
    yield
    for (const [site, here] of rows) {
      for (let position = 1; position < positions; position += 1) {
        const leak = leakOf(here, position, direction, offset)
        worst = Math.max(worst, leak)
        if (leak <= TOLERANCE) continue
        const received = `${leak.toExponential(1)} of its length is left along an erased direction`
        throw unverified(manifest, site, received, `${TOLERANCE} at most`)
      }
    }
  }
  return worst
}

/** Adds a vector at the first, a middle and the last block: exactly there, and nothing before. Gives the largest miss. */
async function* tryAddition(graph: CheckedGraph, manifest: DecoderManifest, base: Trial): Work<number> {
  const { layers, hidden } = manifest
  let worst = 0
  for (const block of new Set([0, Math.floor(layers / 2), layers - 1])) {
    const at = `blocks.${block}.hook_resid_pre`
    const vector = seededUnit(block + 1, hidden).map((value) => value * 8)
    const { rows, positions } = await tryGraph(graph, manifest, { add: { vector, block }, spare: 'none' })
    yield
    for (const [site, after] of rows) {
      const before = base.rows.get(site) ?? new Float32Array(0)
      if (site !== at && !sameNumbers(before, after)) {
        throw unverified(manifest, site, `changed by a vector added at ${at}`, 'left as it was')
      }
      if (site !== at) continue
      for (let position = 0; position < positions; position += 1) {
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
