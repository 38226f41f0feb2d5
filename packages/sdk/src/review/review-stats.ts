import {
  REVIEW_OUTCOMES,
  REVIEW_STATES,
  type ReviewItem,
  type ReviewOutcome,
  type ReviewState,
} from './review-item.ts'

/** What is on a queue, and what became of it. Times are milliseconds. */
export interface ReviewStats {
  readonly items: number
  readonly states: Readonly<Record<ReviewState, number>>
  readonly teams: Readonly<
    Record<
      string,
      { readonly open: number; readonly claimed: number; readonly oldestOpenAt: number | undefined }
    >
  >
  readonly outcomes: Readonly<Record<ReviewOutcome, number>>
  /** By the reason of the decision, where it has one. */
  readonly reasons: Readonly<Record<string, number>>
  /** How many opinions each reviewer gave on items that are decided. */
  readonly reviewers: Readonly<Record<string, number>>
  /** Of the decided items that asked for two opinions, those on which the first two agreed. */
  readonly secondOpinions: { readonly asked: number; readonly agreed: number }
  readonly appeals: { readonly decided: number; readonly granted: number }
  /** From the enqueue to the decision; percentiles are items' own. `n: 0` has zeros. */
  readonly msToDecision: { readonly n: number; readonly p50: number; readonly p95: number }
}

interface Team {
  open: number
  claimed: number
  oldestOpenAt: number | undefined
}

/** Counts items: one number is kept for each decided item, nothing else. */
export async function reviewStats(items: AsyncIterable<ReviewItem>): Promise<ReviewStats> {
  const states = zeros(REVIEW_STATES)
  const outcomes = zeros(REVIEW_OUTCOMES)
  const teams = new Map<string, Team>()
  const reasons = new Map<string, number>()
  const reviewers = new Map<string, number>()
  const secondOpinions = { asked: 0, agreed: 0 }
  const appeals = { decided: 0, granted: 0 }
  const times: number[] = []
  const add = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  for await (const item of items) {
    states[item.state] += 1
    countWaiting(teams, item)
    const { decision, given = [] } = item
    if (!decision) continue
    outcomes[decision.outcome] += 1
    times.push(decision.decidedAt - item.createdAt)
    if (decision.reason !== undefined) add(reasons, decision.reason)
    for (const { reviewer } of given) add(reviewers, reviewer)
    const [first, second] = given
    if (item.opinions === 2 && first && second) {
      secondOpinions.asked += 1
      if (first.outcome === second.outcome) secondOpinions.agreed += 1
    }
    if (item.appeals !== undefined) {
      appeals.decided += 1
      if (decision.outcome !== 'reject') appeals.granted += 1
    }
  }
  times.sort((one, other) => one - other)
  const percentile = (share: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return {
    items: Object.values(states).reduce((sum, count) => sum + count, 0),
    states,
    teams: sorted(teams),
    outcomes,
    reasons: sorted(reasons),
    reviewers: sorted(reviewers),
    secondOpinions,
    appeals,
    msToDecision: { n: times.length, p50: percentile(0.5), p95: percentile(0.95) },
  }
}

function countWaiting(teams: Map<string, Team>, { state, team: name, createdAt }: ReviewItem): void {
  if (state !== 'open' && state !== 'claimed') return
  const team = teams.get(name) ?? { open: 0, claimed: 0, oldestOpenAt: undefined }
  team[state] += 1
  if (state === 'open') team.oldestOpenAt = Math.min(team.oldestOpenAt ?? createdAt, createdAt)
  teams.set(name, team)
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}

/** A record without a prototype: names are the operator's, and may be `constructor`. */
function sorted<Value>(map: Map<string, Value>): Record<string, Value> {
  const entries = [...map].sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.assign(Object.create(null) as Record<string, Value>, Object.fromEntries(entries))
}
