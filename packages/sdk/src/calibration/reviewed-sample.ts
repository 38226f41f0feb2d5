import { sha256Hex } from '../json/digest.ts'
import type { ReviewItem } from '../review/review-item.ts'
import type { Stage } from '../subject/stage.ts'

/** A text that a person judged, drawn at random, and what a detector had measured of it. */
export interface ReviewedSample {
  readonly id: string
  /** The detector's score, in [0, 1]: the highest of the item's parts. */
  readonly score: number
  /** What the reviewer said: rejected. */
  readonly harmful: boolean
  /** With which probability texts like it were drawn, in (0, 1]. */
  readonly probability: number
}

/** Whose scores are read: a policy may ask one detector by several rules. */
export interface ScoreSource {
  readonly stage: Stage
  readonly detector: string
  readonly label: string
  /** Items of other policies, though of the same id, are left out: their scores may mean something else. */
  readonly policyHash: string
}

/**
 * What an item says of a detector's label, or undefined: it was not drawn at random (a hold was chosen for its score), is not
 * decided, is of another policy, or the detector gave no reason for it.
 */
export function reviewedSample(item: ReviewItem, source: ScoreSource): ReviewedSample | undefined {
  const { id, kind, state, probability, policy } = item
  if (kind !== 'audit' || probability === undefined || policy?.policyHash !== source.policyHash)
    return undefined
  if (state !== 'approved' && state !== 'rejected') return undefined
  // An erasure is nobody's judgement.
  if (item.decision?.reviewer === 'parapet') return undefined
  const scores = item.reasons.flatMap((reason) =>
    reason.kind === 'rule' &&
    reason.stage === source.stage &&
    reason.detector === source.detector &&
    reason.label === source.label
      ? [reason.score]
      : [],
  )
  if (scores.length === 0) return undefined
  return { id, score: Math.max(...scores), harmful: state === 'rejected', probability }
}

/**
 * The samples as if all had been drawn with the lowest probability among them: one that was likelier is kept with the quotient
 * of the two, by a coin made of its id. What is left is a plain random sample, so that exact binomial bounds hold for it.
 */
export function thinned(samples: readonly ReviewedSample[]): readonly ReviewedSample[] {
  const lowest = samples.reduce((least, { probability }) => Math.min(least, probability), 1)
  return samples.filter(({ id, probability }) => {
    const coin = Number.parseInt(sha256Hex(`parapet.thin/1\0${id}`).slice(0, 12), 16) / 2 ** 48
    return coin < lowest / probability
  })
}
