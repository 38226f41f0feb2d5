import type { Share } from '../metrics/index.ts'
import type { PolicyPlan } from './plan-policy.ts'
import { OPENINGS } from './policy-finding.ts'

/** What a change of policy must keep to. A bar that is not stated does not count. */
export interface PlanBars {
  /** The share of decisions that may become softer, and the share that may change at all, in [0, 1]. */
  readonly maxLoosened?: number
  readonly maxChanged?: number
  /** Reviews a day under the new policy. */
  readonly maxReviewsPerDay?: number
  /** Milliseconds of measuring that 95 % of decisions stay under. */
  readonly maxP95Ms?: number
  /** No new finding that lets something pass: fails-open, abstains-open, expires-open, window-leak, unjudged-stage. */
  readonly noOpenings?: boolean
  /** Nobody gets content who did not before. */
  readonly noNewRecipients?: boolean
}

export type BarVerdict = 'pass' | 'fail' | 'inconclusive'

/** One bar, and how it came out. */
export interface PlanBar {
  readonly bar: keyof PlanBars
  readonly limit: number
  /** What was found; undefined where the records do not say. */
  readonly found: number | undefined
  /** The interval's ends where it is a share: decisions that cannot be answered count into the upper one. */
  readonly low?: number
  readonly high?: number
  readonly verdict: BarVerdict
}

/** A gate and its bars: it passes where all do, and fails where any does. */
export interface PlanGate {
  readonly verdict: BarVerdict
  readonly bars: readonly PlanBar[]
}

/** Holds a plan to its bars. */
export function gatePlan(plan: PolicyPlan, bars: PlanBars): PlanGate {
  const weighed = [
    ...shareBar(plan, 'maxLoosened', bars.maxLoosened, plan.loosened),
    ...shareBar(plan, 'maxChanged', bars.maxChanged, plan.changed),
    ...numberBar('maxReviewsPerDay', bars.maxReviewsPerDay, plan.new.reviews.perDay),
    ...numberBar('maxP95Ms', bars.maxP95Ms, plan.new.measuringMs?.p95),
    ...(bars.noOpenings ? numberBar('noOpenings', 0, openings(plan)) : []),
    ...(bars.noNewRecipients ? numberBar('noNewRecipients', 0, newRecipients(plan)) : []),
  ]
  const any = (verdict: BarVerdict) => weighed.some((bar) => bar.verdict === verdict)
  return { verdict: any('fail') ? 'fail' : any('inconclusive') ? 'inconclusive' : 'pass', bars: weighed }
}

const openings = ({ findings }: PolicyPlan): number =>
  findings.introduced.filter(({ kind }) => OPENINGS.has(kind)).length

/** By what the policies say, and not by the traffic: a detector that the records do not know sends, too. */
function newRecipients({ findings }: PolicyPlan): number {
  const to = (list: PolicyPlan['findings']['kept']) =>
    list.flatMap((finding) => (finding.kind === 'sends-out' ? [finding.to] : []))
  const known = new Set([...to(findings.kept), ...to(findings.resolved)])
  return new Set(to(findings.introduced).filter((recipient) => !known.has(recipient))).size
}

function shareBar(
  { decisions, answered }: PolicyPlan,
  bar: keyof PlanBars,
  limit: number | undefined,
  share: Share,
): PlanBar[] {
  if (limit === undefined) return []
  // A share of all decisions: of those that cannot be answered none may change, or all.
  const weight = decisions === 0 ? 0 : answered / decisions
  const low = share.low * weight
  const high = share.high * weight + (1 - weight)
  const verdict = high <= limit ? 'pass' : low > limit ? 'fail' : 'inconclusive'
  return [{ bar, limit, found: answered === 0 ? undefined : share.share, low, high, verdict }]
}

function numberBar(bar: keyof PlanBars, limit: number | undefined, found: number | undefined): PlanBar[] {
  if (limit === undefined) return []
  if (found === undefined) return [{ bar, limit, found, verdict: 'inconclusive' }]
  return [{ bar, limit, found, verdict: found <= limit ? 'pass' : 'fail' }]
}
