import { auroc } from '../metrics/auroc.ts'

/** One answer of the model itself, and what its first token may have been. */
export interface OpenedAnswer {
  readonly refused: boolean
  /** Ids and probabilities of its likeliest first tokens, likeliest first. */
  readonly tokens: readonly (readonly [id: number, probability: number])[]
}

export interface RefusalTokens {
  /** Ids, those that tell most first. */
  readonly ids: readonly number[]
  /** Mean probability of these tokens together where the model refused, and where it did not; [0, 1]. */
  readonly refused: number
  readonly answered: number
  /** How well their probability tells the refusals from the other answers, on the answers that they were found from. */
  readonly auroc: number
}

/** A token counts when it is this much likelier, in probability, to open a refusal than another answer. */
const LEAST_GAIN = 0.01
const MOST_TOKENS = 32

/**
 * The tokens that the model's refusals begin with: those whose mean probability as first token is higher where it refused than
 * where it answered, by 0.01 or more.
 */
export function findRefusalTokens(answers: readonly OpenedAnswer[]): RefusalTokens {
  const refusals = answers.filter(({ refused }) => refused)
  const others = answers.filter(({ refused }) => !refused)
  const inRefusals = meanProbabilities(refusals)
  const inOthers = meanProbabilities(others)
  const gains = [...inRefusals]
    .map(([id, probability]) => ({ id, gain: probability - (inOthers.get(id) ?? 0) }))
    .filter(({ gain }) => gain >= LEAST_GAIN)
    .sort((a, b) => b.gain - a.gain || a.id - b.id)
    .slice(0, MOST_TOKENS)
  const ids = gains.map(({ id }) => id)
  const together = ({ tokens }: OpenedAnswer) =>
    tokens.reduce((sum, [id, probability]) => sum + (ids.includes(id) ? probability : 0), 0)
  const mean = (list: readonly OpenedAnswer[]) =>
    list.reduce((sum, answer) => sum + together(answer), 0) / list.length
  return {
    ids,
    refused: mean(refusals),
    answered: mean(others),
    auroc: auroc(refusals.map(together), others.map(together)),
  }
}

function meanProbabilities(answers: readonly OpenedAnswer[]): Map<number, number> {
  const sums = new Map<number, number>()
  for (const { tokens } of answers)
    for (const [id, probability] of tokens) sums.set(id, (sums.get(id) ?? 0) + probability / answers.length)
  return sums
}
