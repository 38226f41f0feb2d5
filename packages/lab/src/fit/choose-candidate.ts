import type { CandidateScores } from './candidate.ts'

/** What a direction must keep to. */
export interface Bounds {
  /** Nats: a larger first-token divergence on harmless prompts is too much. @default 0.1, as published */
  readonly klBound: number
  /** A lower mean refusal score of harmless prompts with the direction added is too little. @default 0, as published */
  readonly induceBound: number
  /** Share of the blocks that a direction may come from, (0, 1]: later ones are too close to the output. @default 0.8, as published */
  readonly depth: number
}

/** The filters, in the order they are asked. */
export const FILTERS = ['not finite', 'depth', 'divergence', 'induce'] as const
export type Filter = (typeof FILTERS)[number]

/** What is left, best first, and how many each filter removed; a candidate counts for the first filter that it fails. */
export interface Choice<Scores extends CandidateScores> {
  readonly left: readonly Scores[]
  readonly removed: Readonly<Record<Filter, number>>
}

/** Blocks that a direction may come from: those before this one. */
export function deepestBlock(layers: number, depth: number): number {
  return Math.max(1, Math.floor(layers * depth))
}

/**
 * The choice of Arditi et al. 2024 (arXiv 2406.11717, appendix C): of the candidates that keep to the bounds, the one whose erasure
 * leaves the lowest refusal score on harmful prompts.
 * @param layers blocks of the model
 */
export function chooseCandidate<Scores extends CandidateScores>(
  candidates: readonly Scores[],
  layers: number,
  bounds: Bounds,
): Choice<Scores> {
  const removed: Record<Filter, number> = { 'not finite': 0, depth: 0, divergence: 0, induce: 0 }
  const left: Scores[] = []
  for (const candidate of candidates) {
    const filter = filterOf(candidate, deepestBlock(layers, bounds.depth), bounds)
    if (filter === undefined) left.push(candidate)
    else removed[filter]++
  }
  return { left: left.sort((a, b) => a.bypass - b.bypass), removed }
}

function filterOf(
  { block, bypass, induce, divergence }: CandidateScores,
  deepest: number,
  { klBound, induceBound }: Bounds,
): Filter | undefined {
  if (![bypass, induce, divergence].every(Number.isFinite)) return 'not finite'
  if (block >= deepest) return 'depth'
  if (divergence > klBound) return 'divergence'
  return induce < induceBound ? 'induce' : undefined
}
