import { type DecisionBody, type Judgement, type Policy, STAGES } from '@parapet/sdk'
import { type Share, wilsonInterval } from '../metrics/index.ts'
import { measuringMs } from './measuring-time.ts'
import { type Sent, sentOut } from './sent-out.ts'

/** A rule, and in how many of the decisions it held. */
export interface RuleUse {
  readonly stage: string
  readonly rule: string
  readonly held: Share
}

/** What one of the two policies does with the recorded traffic. */
export interface PlanSide {
  readonly id: string
  readonly version: string
  readonly policyHash: string
  /** Decisions that a person has to take, and those that a person looks at later (expected, where it is a random share). */
  readonly reviews: { readonly holds: number; readonly audits: number; readonly perDay: number | undefined }
  /** Milliseconds of measuring per decision, as recorded, and over how many decisions; undefined where none is known. */
  readonly measuringMs: { readonly p50: number; readonly p95: number; readonly n: number } | undefined
  readonly recipients: Readonly<Record<string, Sent>>
  /** Every rule, in the order of the policy. Of one that never held, `held.high` is what the records leave room for. */
  readonly rules: readonly RuleUse[]
}

/** Adds up one side of a plan, decision by decision. */
export interface SideCount {
  add(body: DecisionBody, judgement: Judgement): void
  side(decisions: number, days: number | undefined): PlanSide
}

/** The value under which the share `q` lies (nearest rank). */
function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}

export function countSide(policy: Policy): SideCount {
  const { document, policyHash } = policy
  const held = new Map<string, number>()
  const recipients = new Map<string, Sent>()
  const times: number[] = []
  let holds = 0
  let audits = 0
  return {
    add(body, { verdict, duties, reasons }) {
      if (verdict === 'hold') holds++
      audits += Math.max(0, ...duties.map(({ kind, sampleRate = 1 }) => (kind === 'audit' ? sampleRate : 0)))
      const rules = reasons.flatMap((reason) =>
        reason.kind === 'rule' ? [`${reason.stage}/${reason.rule}`] : [],
      )
      for (const rule of new Set(rules)) held.set(rule, (held.get(rule) ?? 0) + 1)
      const ms = measuringMs(policy, body)
      if (ms !== undefined) times.push(ms)
      for (const [to, characters] of sentOut(policy, body)) {
        const before = recipients.get(to) ?? { decisions: 0, characters: 0 }
        recipients.set(to, { decisions: before.decisions + 1, characters: before.characters + characters })
      }
    },
    side(decisions, days) {
      const sorted = times.sort((a, b) => a - b)
      return {
        id: document.id,
        version: document.version,
        policyHash,
        reviews: { holds, audits, perDay: days === undefined ? undefined : (holds + audits) / days },
        measuringMs:
          sorted.length === 0
            ? undefined
            : { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), n: sorted.length },
        recipients: Object.fromEntries(recipients),
        rules: STAGES.flatMap((stage) =>
          (document.stages[stage]?.rules ?? []).map(({ id }) => ({
            stage,
            rule: id,
            held: wilsonInterval(held.get(`${stage}/${id}`) ?? 0, decisions),
          })),
        ),
      }
    },
  }
}
