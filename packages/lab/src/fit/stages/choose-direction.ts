import { labError } from '../../errors/codes.ts'
import { type CandidateScores, placeOf } from '../candidate.ts'
import { type Choice, chooseCandidate } from '../choose-candidate.ts'
import type { FitContext } from '../fit-context.ts'
import type { Shortlisted } from './shortlist-candidates.ts'
import type { Weighed } from './weigh-candidates.ts'
import type { CosmicWeighed } from './weigh-cosmic.ts'

/** What was chosen, what came next, and how many each filter removed. */
export interface Chosen<Scores extends Shortlisted = Weighed | CosmicWeighed> {
  readonly best: Scores
  readonly runnersUp: readonly Scores[]
  readonly left: number
  readonly removed: Readonly<Record<string, number>>
}

const MOST_RUNNERS_UP = 5

/** Stage 7: applies the bounds and takes the best of what is left. @throws `PARAPET_LAB_NOTHING_LEFT` */
export async function chooseDirection<Scores extends Weighed | CosmicWeighed>(
  context: FitContext,
  weighed: readonly Scores[],
): Promise<Chosen<Scores>> {
  const { options, model, folder } = context
  const choice = choiceOf(weighed, model.manifest.layers, options)
  const [best, ...others] = choice.left
  if (!best)
    throw labError('PARAPET_LAB_NOTHING_LEFT', {
      model: model.manifest.id,
      candidates: weighed.length,
      removed: choice.removed,
      hint: hintOf(weighed, model.manifest.layers, options),
    })
  const runnersUp = others.slice(0, MOST_RUNNERS_UP)
  await folder.writeJson('7-choice.json', {
    chosen: scoresOf(best),
    runnersUp: runnersUp.map(scoresOf),
    left: choice.left.length,
    removed: choice.removed,
    bounds: { klBound: options.klBound, induceBound: options.induceBound, depth: options.depth },
  })
  return { best, runnersUp, left: choice.left.length, removed: choice.removed }
}

/** A candidate's place and scores, without its vectors and the single projections. */
export function scoresOf(candidate: Weighed | CosmicWeighed): Record<string, number | string> {
  const { vector: _vector, along: _along, instruction: _instruction, block, position, ...scores } = candidate
  return { ...placeOf({ block, position }), ...scores }
}

type Bounds = Pick<FitContext['options'], 'klBound' | 'induceBound' | 'depth'>

function choiceOf<Scores extends Weighed | CosmicWeighed>(
  weighed: readonly Scores[],
  layers: number,
  bounds: Bounds,
): { readonly left: readonly Scores[]; readonly removed: Choice<CandidateScores>['removed'] } {
  // For cosmic the likeness of the states stands for what the first token does, and adding has no bound.
  const rows = weighed.map((candidate) => {
    const scores: Weighed | CosmicWeighed = candidate
    const { block, position, divergence } = scores
    const { bypass, induce } =
      'bypass' in scores ? scores : { bypass: -(scores.comply + scores.refuse), induce: Number.MAX_VALUE }
    return { block, position, divergence, bypass, induce, candidate }
  })
  const { left, removed } = chooseCandidate(rows, layers, bounds)
  return { left: left.map(({ candidate }) => candidate), removed }
}

/** The smallest bound that would leave something, so that it is chosen on evidence rather than guessed. */
function hintOf(weighed: readonly (Weighed | CosmicWeighed)[], layers: number, bounds: Bounds): string {
  const unbounded = choiceOf(weighed, layers, { ...bounds, klBound: Number.POSITIVE_INFINITY })
  const nearest = unbounded.left.toSorted((a, b) => a.divergence - b.divergence)[0]
  if (!nearest)
    return 'No klBound would leave one: give more prompts, weigh more candidates (shortlist), or use the method "cosmic".'
  const [best] = unbounded.left
  const at = (candidate: Shortlisted) => {
    const { site, position } = placeOf(candidate)
    return `${site} at ${position}`
  }
  return `The smallest divergence of one that keeps to the other bounds is ${nearest.divergence.toFixed(3)} nats (${at(nearest)}); the best without a bound has ${best?.divergence.toFixed(3)} (${at(best as Shortlisted)}). A small model needs a larger klBound: raise it on development prompts, record it, and run again; what was measured is kept.`
}
