import { z } from 'zod'
import { firstLogits } from '../ask-model.ts'
import { type CandidateScores, keyOf } from '../candidate.ts'
import { firstTokenDivergence } from '../first-token-divergence.ts'
import type { FitContext, PerKind } from '../fit-context.ts'
import { probabilitiesOf } from '../probabilities.ts'
import { refusalScore } from '../refusal-score.ts'
import { adding, erasing } from './interventions.ts'
import type { KeptPrompts } from './keep-prompts.ts'
import { scoreInFile } from './score-in-file.ts'
import type { Shortlist, Shortlisted } from './shortlist-candidates.ts'

const candidateRow = z.object({
  block: z.int(),
  position: z.int(),
  bypass: scoreInFile,
  induce: scoreInFile,
  divergence: scoreInFile,
})

/** A shortlisted candidate with what interventions along it do. */
export type Weighed = Shortlisted & CandidateScores

/** Stage 6, `arditi`: erases and adds each candidate, and looks at the first token of the answers to the validation prompts. */
export async function weighCandidates(
  context: FitContext,
  kept: PerKind<KeptPrompts>,
  { best }: Shortlist,
  tokens: readonly number[],
): Promise<readonly Weighed[]> {
  const { folder, meter } = context
  const lines = await folder.openLines('6-candidates.jsonl', candidateRow, keyOf)
  const known = new Map(lines.rows.map((row) => [keyOf(row), row]))
  const weighed: Weighed[] = []
  try {
    meter.step(0, best.length, true)
    let base: Map<number, Float64Array> | undefined
    for (const candidate of best) {
      let scores: CandidateScores | undefined = known.get(keyOf(candidate))
      if (!scores) {
        base ??= await baseProbabilities(context, kept)
        scores = await weigh(context, kept, candidate, tokens, base)
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

/** What the untouched model makes of the harmless validation prompts, by their index. */
export async function baseProbabilities(
  context: FitContext,
  kept: PerKind<KeptPrompts>,
): Promise<Map<number, Float64Array>> {
  const base = new Map<number, Float64Array>()
  for (const index of kept.harmless.validation) {
    const logits = await firstLogits(context, { kind: 'harmless', index })
    if (logits) base.set(index, probabilitiesOf(logits))
  }
  return base
}

async function weigh(
  context: FitContext,
  kept: PerKind<KeptPrompts>,
  candidate: Shortlisted,
  tokens: readonly number[],
  base: ReadonlyMap<number, Float64Array>,
): Promise<CandidateScores> {
  const erase = erasing(candidate, context.options.erase)
  const add = adding(candidate)
  const [bypass, induce, divergence]: [number[], number[], number[]] = [[], [], []]
  for (const index of kept.harmful.validation) {
    const logits = await firstLogits(context, { kind: 'harmful', index }, erase)
    if (logits) bypass.push(refusalScore(logits, tokens))
  }
  for (const [index, probabilities] of base) {
    const erased = await firstLogits(context, { kind: 'harmless', index }, erase)
    if (erased) divergence.push(firstTokenDivergence(probabilities, erased))
    const added = await firstLogits(context, { kind: 'harmless', index }, add)
    if (added) induce.push(refusalScore(added, tokens))
  }
  const { block, position } = candidate
  return { block, position, bypass: mean(bypass), induce: mean(induce), divergence: mean(divergence) }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
