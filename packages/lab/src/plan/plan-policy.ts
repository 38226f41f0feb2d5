import {
  type DecisionBody,
  type Policy,
  type RecordSource,
  readRecords,
  replayDecision,
  type Unknown,
  type Verdict,
} from '@parapet/sdk'
import { type Share, wilsonInterval } from '../metrics/index.ts'
import { findingKey, type PolicyFinding } from './policy-finding.ts'
import { policyFindings } from './policy-findings.ts'
import { countSide, type PlanSide } from './side.ts'

/** What a plan is made of. */
export interface PlanInput {
  readonly from: Policy
  readonly to: Policy
  /** The recorded decisions: files, or lines from elsewhere. */
  readonly records: RecordSource | readonly RecordSource[]
  /** Decisions that are listed by id, those that become softer first. @default 50 */
  readonly maxListed?: number
}

/** A decision that the new policy takes otherwise. */
export interface PlannedChange {
  readonly id: string
  readonly from: Verdict
  readonly to: Verdict
}

/**
 * What a change of policy would do: to the recorded decisions, to reviewers, to latency, to who gets content, and what the
 * policies prove by themselves. Nothing is measured again: measurements are taken as recorded.
 */
export interface PolicyPlan {
  readonly schema: 'parapet.plan/1'
  readonly old: PlanSide
  readonly new: PlanSide
  /** Decisions in the records; of these, those that both policies can be asked about. */
  readonly decisions: number
  readonly answered: number
  /** Why the others cannot be answered, each kind with its number of decisions. */
  readonly unknowns: Readonly<Partial<Record<Unknown['kind'], number>>>
  /** Lines that are no whole records. */
  readonly unreadable: number
  /** From the first decision to the last; undefined under an hour. */
  readonly days: number | undefined
  /** Shares of the answered decisions whose verdict changes, and of those that become softer or stricter. */
  readonly changed: Share
  readonly loosened: Share
  readonly tightened: Share
  readonly transitions: readonly { readonly from: Verdict; readonly to: Verdict; readonly share: Share }[]
  readonly listed: readonly PlannedChange[]
  /** Of the new policy alone, of the old one alone, and of both. */
  readonly findings: {
    readonly introduced: readonly PolicyFinding[]
    readonly resolved: readonly PolicyFinding[]
    readonly kept: readonly PolicyFinding[]
  }
}

const RANK: Readonly<Record<Verdict, number>> = { allow: 0, hold: 1, block: 2 }
const VERDICTS: readonly Verdict[] = ['allow', 'hold', 'block']
const MS_PER_DAY = 86_400_000
/** Over a shorter time a load per day is a guess. */
const SHORTEST_MS = 3_600_000

/**
 * Plans a change of policy on recorded decisions.
 * @throws PARAPET_RECORD_READ_FAILED
 */
export async function planPolicy({ from, to, records, maxListed = 50 }: PlanInput): Promise<PolicyPlan> {
  const sides = { old: countSide(from), new: countSide(to) }
  const unknowns: Partial<Record<Unknown['kind'], number>> = {}
  const transitions = new Map<string, number>()
  const changes = new Listed(maxListed)
  const span = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY }
  let decisions = 0
  let answered = 0
  let unreadable = 0

  for await (const read of readRecords(records)) {
    if ('fault' in read) {
      unreadable++
      continue
    }
    const { record } = read
    if (record.kind !== 'decision') continue
    decisions++
    span.first = Math.min(span.first, record.at)
    span.last = Math.max(span.last, record.at)
    const judged = judgeBoth(record, from, to)
    if ('unknowns' in judged) {
      for (const kind of new Set(judged.unknowns.map((unknown) => unknown.kind)))
        unknowns[kind] = (unknowns[kind] ?? 0) + 1
      continue
    }
    answered++
    sides.old.add(record, judged.old)
    sides.new.add(record, judged.new)
    const change = { id: record.decision.id, from: judged.old.verdict, to: judged.new.verdict }
    const key = `${change.from} ${change.to}`
    transitions.set(key, (transitions.get(key) ?? 0) + 1)
    if (change.from !== change.to) changes.add(change)
  }

  const days = span.last - span.first < SHORTEST_MS ? undefined : (span.last - span.first) / MS_PER_DAY
  const moved = (which: (from: Verdict, to: Verdict) => boolean) =>
    wilsonInterval(
      VERDICTS.flatMap((a) =>
        VERDICTS.map((b) => (which(a, b) ? (transitions.get(`${a} ${b}`) ?? 0) : 0)),
      ).reduce((sum, count) => sum + count, 0),
      answered,
    )
  return {
    schema: 'parapet.plan/1',
    old: sides.old.side(answered, days),
    new: sides.new.side(answered, days),
    decisions,
    answered,
    unknowns,
    unreadable,
    days,
    changed: moved((a, b) => a !== b),
    loosened: moved((a, b) => RANK[b] < RANK[a]),
    tightened: moved((a, b) => RANK[b] > RANK[a]),
    transitions: VERDICTS.flatMap((a) =>
      VERDICTS.flatMap((b) => {
        const count = transitions.get(`${a} ${b}`)
        return count === undefined ? [] : [{ from: a, to: b, share: wilsonInterval(count, answered) }]
      }),
    ),
    listed: changes.list,
    findings: compareFindings(policyFindings(from), policyFindings(to)),
  }
}

function judgeBoth(record: DecisionBody, from: Policy, to: Policy) {
  const [old, next] = [from, to].map(({ document, policyHash }) =>
    replayDecision(record, document, policyHash),
  )
  if (old?.kind === 'judged' && next?.kind === 'judged') return { old: old.judgement, new: next.judgement }
  const unknowns = [old, next].flatMap((replayed) =>
    replayed?.kind === 'unanswerable' ? replayed.unknowns : [],
  )
  return { unknowns }
}

function compareFindings(before: readonly PolicyFinding[], after: readonly PolicyFinding[]) {
  const keys = (of: readonly PolicyFinding[]) => new Set(of.map(findingKey))
  const [was, is] = [keys(before), keys(after)]
  return {
    introduced: after.filter((finding) => !was.has(findingKey(finding))),
    resolved: before.filter((finding) => !is.has(findingKey(finding))),
    kept: after.filter((finding) => was.has(findingKey(finding))),
  }
}

/** The changes that are worth a look first, as many as there is room for. */
class Listed {
  readonly #softer: PlannedChange[] = []
  readonly #stricter: PlannedChange[] = []
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  add(change: PlannedChange): void {
    const list = RANK[change.to] < RANK[change.from] ? this.#softer : this.#stricter
    if (list.length < this.#most) list.push(change)
  }

  get list(): readonly PlannedChange[] {
    return [...this.#softer, ...this.#stricter].slice(0, this.#most)
  }
}
