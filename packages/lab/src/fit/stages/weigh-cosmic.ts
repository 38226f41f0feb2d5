import type { Intervention, ReadSite } from '@parapet/runtime'
import { residPre } from '@parapet/runtime'
import { z } from 'zod'
import { activations, firstLogits } from '../ask-model.ts'
import { type Candidate, keyOf } from '../candidate.ts'
import { firstTokenDivergence } from '../first-token-divergence.ts'
import type { FitContext, Kind, PerKind } from '../fit-context.ts'
import { meanAccumulator } from '../mean-accumulator.ts'
import { cosine } from '../vector.ts'
import type { ClassMeans } from './class-means.ts'
import { adding, erasing } from './interventions.ts'
import type { KeptPrompts } from './keep-prompts.ts'
import { scoreInFile } from './score-in-file.ts'
import type { Shortlist, Shortlisted } from './shortlist-candidates.ts'
import { baseProbabilities } from './weigh-candidates.ts'

const cosmicRow = z.object({
  block: z.int(),
  position: z.int(),
  comply: scoreInFile,
  refuse: scoreInFile,
  divergence: scoreInFile,
})

/** What interventions along a candidate make of the states of a model. */
export interface CosmicScores extends Candidate {
  /** Cosine of the mean state of harmful prompts, the direction erased, with that of harmless ones: [−1, 1]. */
  readonly comply: number
  /** Cosine of the mean state of harmless prompts, the direction added, with that of harmful ones: [−1, 1]. */
  readonly refuse: number
  /** Mean first-token divergence of harmless prompts with the direction erased, in nats. */
  readonly divergence: number
}

export type CosmicWeighed = Shortlisted & CosmicScores

/** Share of the blocks whose states are compared: those where the two kinds differ most. */
const COMPARED_SHARE = 0.1

/**
 * Stage 6, `cosmic` (Siu et al. 2025, arXiv 2506.00085): the states at the last token, in the tenth of the blocks where the means of the
 * two kinds have the lowest cosine, are compared with those of the untouched model.
 */
export async function weighCosmic(
  context: FitContext,
  kept: PerKind<KeptPrompts>,
  means: ClassMeans,
  { best }: Shortlist,
): Promise<readonly CosmicWeighed[]> {
  const { folder, meter } = context
  const sites = comparedBlocks(means).map((block): ReadSite => ({ site: residPre(block), position: 'last' }))
  const lines = await folder.openLines('6-cosmic.jsonl', cosmicRow, keyOf)
  const known = new Map(lines.rows.map((row) => [keyOf(row), row]))
  const weighed: CosmicWeighed[] = []
  const state = (kind: Kind, intervention?: Intervention) =>
    meanState(context, kind, kept[kind].validation, sites, intervention)
  try {
    meter.step(0, best.length, true)
    let base: { probabilities: Map<number, Float64Array>; states: PerKind<Float32Array> } | undefined
    for (const candidate of best) {
      let scores: CosmicScores | undefined = known.get(keyOf(candidate))
      if (!scores) {
        base ??= {
          probabilities: await baseProbabilities(context, kept),
          states: { harmful: await state('harmful'), harmless: await state('harmless') },
        }
        const erase = erasing(candidate, context.options.erase)
        const { block, position } = candidate
        scores = {
          block,
          position,
          comply: cosine(await state('harmful', erase), base.states.harmless),
          refuse: cosine(await state('harmless', adding(candidate)), base.states.harmful),
          divergence: await divergenceOf(context, erase, base.probabilities),
        }
        await lines.append(scores)
      }
      weighed.push({ ...candidate, ...scores })
      meter.step(weighed.length, best.length, known.has(keyOf(candidate)))
    }
  } finally {
    await lines.close()
  }
  return weighed
}

/** The blocks where the means of the two kinds at the last token read are least alike, one at the least. */
export function comparedBlocks(means: ClassMeans): number[] {
  const last = Math.max(...means.candidates.map(({ position }) => position))
  const count = Math.max(1, Math.round(means.blocks * COMPARED_SHARE))
  return Array.from({ length: means.blocks }, (_, block) => {
    const place = { block, position: last }
    return { block, likeness: cosine(means.at('harmful', place), means.at('harmless', place)) }
  })
    .filter(({ likeness }) => Number.isFinite(likeness))
    .sort((a, b) => a.likeness - b.likeness)
    .slice(0, count)
    .map(({ block }) => block)
    .sort((a, b) => a - b)
}

async function meanState(
  context: FitContext,
  kind: Kind,
  indices: readonly number[],
  sites: readonly ReadSite[],
  intervention?: Intervention,
): Promise<Float32Array> {
  const { hidden } = context.model.manifest
  const sum = meanAccumulator(sites.length * hidden)
  for (const index of indices) {
    const rows = await activations(context, { kind, index }, sites, intervention)
    if (!rows) continue
    const whole = new Float32Array(sites.length * hidden)
    for (const [order, row] of rows.entries()) whole.set(row, order * hidden)
    sum.add(whole)
  }
  return sum.mean()
}

async function divergenceOf(
  context: FitContext,
  erase: Intervention,
  base: ReadonlyMap<number, Float64Array>,
): Promise<number> {
  let [sum, n] = [0, 0]
  for (const [index, probabilities] of base) {
    const logits = await firstLogits(context, { kind: 'harmless', index }, erase)
    if (!logits) continue
    sum += firstTokenDivergence(probabilities, logits)
    n += 1
  }
  return sum / n
}
