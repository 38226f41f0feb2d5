/** How the votes become one score: their mean, or the share of those at 0.5 or more. */
export type VoteCombination = 'mean' | 'share'

/** How far the votes lie apart. Offered as a label, so that a policy can send a split vote to a person. */
export const DISAGREEMENT = 'disagreement'

const AGREES = 0.5

/**
 * Joins votes, label by label. With two votes or more, `disagreement` is the widest gap between two of them on a label.
 * @param votes scores in [0, 1], one vote at least
 */
export function combineVotes(
  labels: readonly string[],
  votes: readonly Readonly<Record<string, number>>[],
  how: VoteCombination,
): Record<string, number> {
  let widest = 0
  const scores: Record<string, number> = {}
  for (const label of labels) {
    const given = votes.map((vote) => vote[label] ?? Number.NaN)
    const counted = how === 'mean' ? given : given.map((score) => (score >= AGREES ? 1 : 0))
    // Tenths do not add up exactly: three votes of 1 must not mean more than 1.
    scores[label] = Math.min(1, counted.reduce((sum, score) => sum + score, 0) / votes.length)
    widest = Math.max(widest, Math.max(...given) - Math.min(...given))
  }
  return votes.length > 1 ? { ...scores, [DISAGREEMENT]: widest } : scores
}
