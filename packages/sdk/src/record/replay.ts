import type { Edit, Judgement, Verdict } from '../decision/decision.ts'
import { judge } from '../decision/judge.ts'
import { canonicalJson } from '../json/canonical.ts'
import { digestOf } from '../json/digest.ts'
import type { PolicyDocument } from '../policy/policy.ts'
import { hashOfLine } from './chain.ts'
import type { DecisionBody, JudgedPart } from './decision-record.ts'
import { readRecords } from './read-record.ts'
import type { RecordSource } from './record-lines.ts'
import { questionOf, type Unknown } from './replay-question.ts'

/** What another policy says of a recorded decision's measurements. */
export type Replayed =
  /** `exact` is false where only the verdict is certain: it is `block` already, whatever is not known. */
  | {
      readonly kind: 'judged'
      readonly judgement: Judgement
      readonly exact: boolean
      readonly samePolicy: boolean
    }
  | { readonly kind: 'unanswerable'; readonly unknowns: readonly Unknown[] }

/** How many decisions went from one verdict to another (or stayed). */
export interface Transition {
  readonly from: Verdict
  readonly to: Verdict
  readonly count: number
}

/** A decision that the other policy would have made otherwise. */
export interface ReplayChange {
  readonly id: string
  readonly from: Verdict
  readonly to: Verdict
  /** Whether edits or duties would differ. False where the other verdict is `block` and not all is known. */
  readonly edits: boolean
  readonly duties: boolean
}

/** What would change under another policy. Counts are complete; lists hold at most `maxListed`. */
export interface Replay {
  readonly decisions: number
  /** Decisions with the same verdict, edits and duties. */
  readonly unchanged: number
  readonly transitions: readonly Transition[]
  readonly changed: readonly ReplayChange[]
  readonly changedCount: number
  readonly unanswerable: readonly { readonly id: string; readonly unknowns: readonly Unknown[] }[]
  readonly unanswerableCount: number
  /** How many decisions each kind of unknown keeps from an answer. */
  readonly unknowns: Readonly<Partial<Record<Unknown['kind'], number>>>
  /** Made by this very policy and not reproduced: the judge or the record is not what it was. Empty, or a fault. */
  readonly diverged: readonly string[]
  /** Lines that are no whole records, or do not have their hash: verify the log. */
  readonly unreadable: number
}

/**
 * Asks another policy about one recorded decision. Never guesses: what the record lacks makes it `unanswerable`,
 * unless the verdict is `block` whatever the rest says. The recorded policy itself gives the recorded judgement.
 * @param policyHash the document's `policyHash`
 */
export function replayDecision(
  body: DecisionBody,
  policy: PolicyDocument,
  policyHash = digestOf(policy),
): Replayed {
  const { parts, thresholds, grant, complete, decision } = body
  const granted = grant ? { grant } : {}
  if (decision.policy.policyHash === policyHash) {
    const judgement = judge({ policy, parts, thresholds, ...granted })
    return { kind: 'judged', judgement, exact: true, samePolicy: true }
  }
  const question = questionOf(policy, body)
  const unknowns = [...question.unknowns]
  const asked = { policy: question.policy, thresholds: question.thresholds, ...granted }
  const edits = judge({ ...asked, parts: question.parts }).edits
  const impossible = impossibleEdits(body, edits)
  unknowns.push(...impossible.unknowns)
  const judgement = judge({ ...asked, parts: [...question.parts, ...impossible.faults] })
  // Unknown answers can only make it stricter, and nothing is stricter than `block`.
  if (judgement.verdict === 'block')
    return { kind: 'judged', judgement, exact: unknowns.length === 0 && complete, samePolicy: false }
  if (!complete) unknowns.push({ kind: 'incomplete' })
  return unknowns.length === 0
    ? { kind: 'judged', judgement, exact: true, samePolicy: false }
    : { kind: 'unanswerable', unknowns }
}

/** Edits of JSON that cannot be made block. The record says so for the edits that its own policy asked for. */
function impossibleEdits({ parts, decision }: DecisionBody, edits: readonly Edit[]) {
  const placesOf = (of: readonly Edit[], part: number) =>
    canonicalJson(of.filter((edit) => edit.part === part).map(({ start, end }) => [start, end]))
  const met: JudgedPart[] = []
  const unknowns: Unknown[] = []
  for (const part of parts) {
    const impossible = part.fault === 'PARAPET_GATE_EDIT_IMPOSSIBLE'
    if (!(impossible || part.json) || !edits.some((edit) => edit.part === part.part)) continue
    const same = placesOf(decision.edits, part.part) === placesOf(edits, part.part)
    if (!same) unknowns.push({ kind: 'edit', stage: part.stage })
    else if (impossible) met.push(part)
  }
  return { faults: met, unknowns }
}

/**
 * Re-decides every recorded decision under another policy, and says what would change.
 * Measurements are taken as recorded: nothing is measured again, and a fault that a longer budget might have avoided
 * stays a fault.
 * @throws PARAPET_RECORD_READ_FAILED
 */
export async function replayRecords(
  sources: RecordSource | readonly RecordSource[],
  policy: PolicyDocument,
  options: { /** @default 10_000 */ readonly maxListed?: number } = {},
): Promise<Replay> {
  const { maxListed = 10_000 } = options
  const policyHash = digestOf(policy)
  const transitions = new Map<string, Transition>()
  const unknownCounts: Partial<Record<Unknown['kind'], number>> = {}
  const changed: ReplayChange[] = []
  const unanswerable: { id: string; unknowns: readonly Unknown[] }[] = []
  const diverged: string[] = []
  const counts = { decisions: 0, unchanged: 0, changedCount: 0, unanswerableCount: 0, unreadable: 0 }

  for await (const read of readRecords(sources)) {
    if ('fault' in read || hashOfLine(read.text) !== read.record.hash) {
      counts.unreadable++
      continue
    }
    const { record } = read
    if (record.kind !== 'decision') continue
    counts.decisions++
    const { decision } = record
    const replayed = replayDecision(record, policy, policyHash)
    if (replayed.kind === 'unanswerable') {
      counts.unanswerableCount++
      if (unanswerable.length < maxListed) unanswerable.push({ id: decision.id, unknowns: replayed.unknowns })
      for (const kind of new Set(replayed.unknowns.map((unknown) => unknown.kind)))
        unknownCounts[kind] = (unknownCounts[kind] ?? 0) + 1
      continue
    }
    if (replayed.samePolicy && !sameJudgement(decision, replayed.judgement) && diverged.length < maxListed)
      diverged.push(decision.id)
    const change = compare(decision.id, decision, replayed)
    const key = `${change.from} ${change.to}`
    transitions.set(key, { from: change.from, to: change.to, count: (transitions.get(key)?.count ?? 0) + 1 })
    if (change.from === change.to && !change.edits && !change.duties) {
      counts.unchanged++
      continue
    }
    counts.changedCount++
    if (changed.length < maxListed) changed.push(change)
  }
  return {
    ...counts,
    transitions: [...transitions.values()],
    changed,
    unanswerable,
    unknowns: unknownCounts,
    diverged,
  }
}

/** Whether two judgements are equal to the byte. A decision's other members do not count. */
export function sameJudgement(a: Judgement, b: Judgement): boolean {
  const of = ({ verdict, edits, duties, reasons, hold, steer }: Judgement) =>
    canonicalJson({ verdict, edits, duties, reasons, hold, steer })
  return of(a) === of(b)
}

function compare(id: string, was: Judgement, replayed: Extract<Replayed, { kind: 'judged' }>): ReplayChange {
  const { judgement, exact } = replayed
  const differ = (a: unknown, b: unknown): boolean => exact && canonicalJson(a) !== canonicalJson(b)
  return {
    id,
    from: was.verdict,
    to: judgement.verdict,
    edits: differ(was.edits, judgement.edits),
    duties: differ(was.duties, judgement.duties),
  }
}
