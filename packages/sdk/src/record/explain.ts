import type { Decision, Reason } from '../decision/decision.ts'
import type { DecisionRecord, HoldEnd, JudgedPart, Outcome } from './decision-record.ts'
import { recordError } from './errors.ts'
import { readRecord } from './read-record.ts'
import { linesOf, type RecordSource } from './record-lines.ts'

/** What one detector said of one part. */
export interface ExplainedOutcome {
  readonly part: number
  readonly stage: JudgedPart['stage']
  readonly window?: { readonly start: number; readonly end: number }
  readonly detector: string
  readonly outcome: Outcome
  /** Milliseconds; `cached` when it was remembered; undefined when it was not asked. */
  readonly elapsedMs: number | 'cached' | undefined
}

/** A decision with everything it was made from: plain data, no text. */
export interface Explanation {
  readonly decision: Decision
  /** Where its record stands. `intact` is for `verifyRecords` to say. */
  readonly record: {
    readonly file: string
    readonly line: number
    readonly writer: string
    readonly sequence: number
    readonly at: number
    readonly keyId: string
    readonly expiresAt: number
  }
  readonly tenant: string
  readonly mode: 'enforce' | 'shadow'
  readonly complete: boolean
  /** The rules that held: detector, label, score, threshold, action. */
  readonly rules: readonly Extract<Reason, { kind: 'rule' }>[]
  readonly faults: readonly Extract<Reason, { kind: 'failed' }>[]
  readonly abstentions: readonly Extract<Reason, { kind: 'abstained' }>[]
  /** Everything that was measured, and what was not asked (`skipped`), in the order of the parts. */
  readonly outcomes: readonly ExplainedOutcome[]
  readonly detectors: DecisionBinding
  /** The approval that lifted a hold. */
  readonly grant?: { readonly ticket: string }
  /** How its hold went on, oldest first. */
  readonly holdEnds: readonly (HoldEnd & { readonly at: number })[]
  readonly cost: {
    /** From the question to the decision. */
    readonly elapsedMs: number
    readonly parts: number
    readonly characters: number
    /** Per detector: how often it was asked and remembered, and the milliseconds it took, added up. */
    readonly detectors: Readonly<
      Record<string, { readonly asked: number; readonly cached: number; readonly elapsedMs: number }>
    >
  }
}

type DecisionBinding = Extract<DecisionRecord, { kind: 'decision' }>['binding']['detectors']

/**
 * Explains one decision out of the log: for operators, never for end users.
 * @throws PARAPET_RECORD_NOT_FOUND, PARAPET_RECORD_READ_FAILED
 */
export async function explainDecision(
  sources: RecordSource | readonly RecordSource[],
  id: string,
): Promise<Explanation> {
  let found: Omit<Explanation, 'holdEnds'> | undefined
  const holdEnds: (HoldEnd & { at: number })[] = []
  let lines = 0
  let unreadable = 0
  const needle = Buffer.from(id, 'utf8')
  for (const source of linesOf(sources))
    for await (const raw of source.read()) {
      lines++
      if (!raw.bytes) unreadable++
      // Most lines are of other decisions: those are not worth parsing.
      if (needle.length === 0 || !raw.bytes?.includes(needle)) continue
      const read = readRecord(raw)
      if ('fault' in read) {
        unreadable++
        continue
      }
      const { record } = read
      if (record.kind === 'hold-end' && record.decisionId === id)
        holdEnds.push({ ...record.end, at: record.at })
      if (record.kind === 'decision' && record.decision.id === id) found ??= explain(record, raw)
    }
  if (!found) throw recordError('PARAPET_RECORD_NOT_FOUND', { lines, unreadable })
  return { ...found, holdEnds: holdEnds.sort((a, b) => a.at - b.at) }
}

function explain(
  record: Extract<DecisionRecord, { kind: 'decision' }>,
  { file, line }: { readonly file: string; readonly line: number },
): Omit<Explanation, 'holdEnds'> {
  const { decision, parts, writer, sequence, at, keyId, expiresAt, tenant, mode, complete, grant, binding } =
    record
  const ofKind = <Kind extends Reason['kind']>(kind: Kind) =>
    decision.reasons.filter((reason): reason is Extract<Reason, { kind: Kind }> => reason.kind === kind)
  return {
    decision,
    record: { file, line, writer, sequence, at, keyId, expiresAt },
    tenant,
    mode,
    complete,
    rules: ofKind('rule'),
    faults: ofKind('failed'),
    abstentions: ofKind('abstained'),
    outcomes: parts.flatMap(explainPart),
    detectors: binding.detectors,
    ...(grant ? { grant } : {}),
    cost: {
      elapsedMs: decision.elapsedMs,
      parts: parts.length,
      // Texts that were judged joined, too, are counted in their own parts.
      characters: parts.reduce((sum, { characters, joins }) => sum + (joins ? 0 : characters), 0),
      detectors: costOf(parts),
    },
  }
}

function explainPart({ part, stage, window, outcomes, elapsedMs }: JudgedPart): ExplainedOutcome[] {
  return Object.entries(outcomes).map(([detector, outcome]) => ({
    part,
    stage,
    ...(window ? { window } : {}),
    detector,
    outcome,
    elapsedMs: Object.hasOwn(elapsedMs, detector) ? elapsedMs[detector] : undefined,
  }))
}

function costOf(parts: readonly JudgedPart[]): Explanation['cost']['detectors'] {
  const costs: Record<string, { asked: number; cached: number; elapsedMs: number }> = {}
  for (const { elapsedMs } of parts)
    for (const [detector, spent] of Object.entries(elapsedMs)) {
      costs[detector] ??= { asked: 0, cached: 0, elapsedMs: 0 }
      const cost = costs[detector]
      if (spent === 'cached') cost.cached++
      else {
        cost.asked++
        cost.elapsedMs += spent
      }
    }
  return costs
}
