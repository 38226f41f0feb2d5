import { sdkError } from '../errors/codes.ts'
import { requestParts } from '../guard/request-parts.ts'
import { sha256Hex } from '../json/digest.ts'
import type { Policy } from '../policy/policy.ts'
import type { ReviewItem } from '../review/review-item.ts'
import type { Stage } from '../subject/stage.ts'

/** A text that was drawn at random, what a detector had measured of it, and what a person said. */
export interface ReviewedSample {
  readonly id: string
  /** The detector's score, in [0, 1]: the highest of the item's parts. */
  readonly score: number
  /** What the reviewer said: rejected. Undefined where nobody said anything: the text was drawn all the same. */
  readonly harmful: boolean | undefined
  /** With which probability texts like it were drawn, in (0, 1]. */
  readonly probability: number
}

/** A sample, and which text it is of. */
export interface DrawnSample extends ReviewedSample {
  /** The same for the same text. */
  readonly text: string
}

/** Whose scores are read: a policy may ask one detector by several rules. */
export interface ScoreSource {
  readonly stage: Stage
  readonly detector: string
  readonly label: string
  /** Items of other policies, though of the same id, are left out: their scores may mean something else. */
  readonly policyHash: string
  /** The ids of the rules whose audits are a random slice for this label. */
  readonly slices: ReadonlySet<string>
}

/** Whose scores a rule of the policy reads, and which audits draw at random for them. */
export function scoreSource(
  { document, policyHash }: Policy,
  of: Pick<ScoreSource, 'stage' | 'detector' | 'label'>,
): ScoreSource {
  const audits = (document.stages[of.stage]?.rules ?? []).filter(({ action }) => action.kind === 'audit')
  const slices = audits.filter(
    ({ detector, label, condition }) =>
      // From its own score on, or whatever anything scored. What another score chose is no random sample for this one.
      (detector === of.detector && label === of.label) ||
      (condition.kind === 'above' && condition.score === 0),
  )
  return { ...of, policyHash, slices: new Set(slices.map(({ id }) => id)) }
}

/**
 * What an item says of a detector's label, or undefined: it was not drawn at random for it (a hold was chosen for its score,
 * an audit maybe for another), is of another policy, the detector gave no reason for it, or its time is over. Who was erased
 * before that leaves a sample that nobody decided: nobody can tell any more which text it was.
 * @throws PARAPET_CALIBRATION_TEXT_MISSING for an item that still has its text and was read without
 */
export function reviewedSample(item: ReviewItem, source: ScoreSource): DrawnSample | undefined {
  const { id, kind, state, probability, policy, erasedAt, expiresAt } = item
  if (kind !== 'audit' || probability === undefined || policy?.policyHash !== source.policyHash)
    return undefined
  // The slice is what was drawn within the retention: decided or not, all of it leaves at its time.
  if (erasedAt !== undefined && erasedAt >= expiresAt) return undefined
  const reasons = item.reasons.flatMap((reason) =>
    reason.kind === 'rule' && reason.stage === source.stage ? [reason] : [],
  )
  if (!reasons.some(({ rule }) => source.slices.has(rule))) return undefined
  const scores = reasons
    .filter(({ detector, label }) => detector === source.detector && label === source.label)
    .map(({ score }) => score)
  if (scores.length === 0) return undefined
  const isDecided = (state === 'approved' || state === 'rejected') && erasedAt === undefined
  return {
    id,
    score: Math.max(...scores),
    harmful: isDecided ? state === 'rejected' : undefined,
    probability,
    text: erasedAt === undefined ? sha256Hex(textOf(item)) : id,
  }
}

/** What an audit's coin is made of: the answer's text, or that of the request's parts. */
function textOf({ id, content }: ReviewItem): string {
  const { answerText, messages } = content
  // Without it, all items would pass for copies of one text.
  if (answerText === undefined && messages.length === 0)
    throw sdkError('PARAPET_CALIBRATION_TEXT_MISSING', { id })
  return answerText ?? JSON.stringify(requestParts(messages).map(({ stage, text }) => [stage, text]))
}

/**
 * The samples with each text once: one coin drew all of its copies, so they are one draw. Where reviewers differ about it, it
 * is benign; one of them is enough for it to be decided.
 */
export function distinctSamples(drawn: readonly DrawnSample[]): readonly ReviewedSample[] {
  return [...Map.groupBy(drawn, ({ text }) => text).values()].map((copies) => {
    const said = copies.map(({ harmful }) => harmful)
    return {
      // The least, so that the order of the copies tells nothing.
      id: copies.map(({ id }) => id).sort()[0] ?? '',
      score: copies.reduce((most, { score }) => Math.max(most, score), 0),
      harmful: said.includes(false) ? false : said.includes(true) ? true : undefined,
      probability: copies.reduce((most, { probability }) => Math.max(most, probability), 0),
    }
  })
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
