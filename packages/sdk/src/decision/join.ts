import type { Action } from '../policy/policy.ts'
import { STAGES } from '../subject/stage.ts'
import type { Duty, Edit, Hold, Judgement, Reason, Steering, Verdict } from './decision.ts'

export type { Judgement } from './decision.ts'

/** What one rule, fault or abstention adds to a judgement. */
export interface Contribution {
  /** Undefined when it only gives a reason. */
  readonly action: Action | undefined
  /** The rule's id, `onError`, `onAbstain` or `limits`. */
  readonly origin: string
  readonly edits: readonly Edit[]
  readonly reason: Reason
}

const SEVERITY: Readonly<Record<Verdict, number>> = { allow: 0, hold: 1, block: 2 }

/** The stricter of two verdicts: `allow` < `hold` < `block`. */
export const stricter = (a: Verdict, b: Verdict): Verdict => (SEVERITY[a] >= SEVERITY[b] ? a : b)

function verdictOf(action: Action | undefined): Verdict {
  if (action?.kind === 'steer') return 'block'
  return action?.kind === 'block' || action?.kind === 'hold' ? action.kind : 'allow'
}

/** The strongest steering, unless a rule, fault or abstention blocks or holds: then there is nothing to answer. */
function joinSteering(contributions: readonly Contribution[]): Steering | undefined {
  let strength = 0
  for (const { action } of contributions) {
    if (action?.kind === 'block' || action?.kind === 'hold') return undefined
    if (action?.kind === 'steer') strength = Math.max(strength, action.strength)
  }
  return strength > 0 ? { strength } : undefined
}

/** The stricter of two holds, part by part. */
function joinHolds(a: Hold | undefined, b: Hold): Hold {
  if (!a) return b
  return {
    waitMs: Math.min(a.waitMs, b.waitMs),
    withinMs: Math.min(a.withinMs, b.withinMs),
    otherwise: a.otherwise === 'block' ? 'block' : b.otherwise,
  }
}

/** Sorts by a key and drops what stands twice. */
function canonical<Value>(
  values: readonly Value[],
  key: (value: Value) => readonly (string | number)[],
): Value[] {
  if (values.length < 2) return [...values]
  const compare = (a: readonly (string | number)[], b: readonly (string | number)[]): number => {
    for (const [index, left] of a.entries()) {
      const right = b[index] as string | number
      if (left !== right) return left < right ? -1 : 1
    }
    return 0
  }
  const keyed = values.map((value) => ({ value, key: key(value) })).sort((a, b) => compare(a.key, b.key))
  return keyed
    .filter((item, index) => index === 0 || compare(item.key, keyed[index - 1]?.key ?? []) !== 0)
    .map(({ value }) => value)
}

const editKey = ({ part, start, end, label, replacement, rule }: Edit) => [
  part,
  start,
  end,
  label,
  replacement,
  rule,
]
const dutyKey = ({ kind, rule, sampleRate = 1 }: Duty) => [kind, rule, sampleRate]
function reasonKey(reason: Reason): (string | number)[] {
  const base = [reason.part, STAGES.indexOf(reason.stage), reason.kind, reason.detector]
  if (reason.kind === 'rule') return [...base, reason.rule, reason.label, reason.score, reason.threshold]
  return [...base, reason.kind === 'failed' ? reason.code : reason.reason]
}

/**
 * Joins contributions part by part: the highest verdict, the union of edits, the union of duties.
 * Commutative, associative and monotone: one more contribution never softens.
 */
export function join(contributions: readonly Contribution[]): Judgement {
  let verdict: Verdict = 'allow'
  let hold: Hold | undefined
  const duties: Duty[] = []
  for (const { action, origin } of contributions) {
    verdict = stricter(verdict, verdictOf(action))
    if (action?.kind === 'hold')
      hold = joinHolds(hold, {
        waitMs: action.waitMs,
        withinMs: action.withinMs,
        otherwise: action.otherwise,
      })
    if (action?.kind === 'flag') duties.push({ kind: 'flag', rule: origin })
    if (action?.kind === 'audit') {
      const { kind, sampleRate } = action
      duties.push({ kind, rule: origin, ...(sampleRate === undefined ? {} : { sampleRate }) })
    }
  }
  const judgement = {
    verdict,
    edits: canonical(
      contributions.flatMap(({ edits }) => edits),
      editKey,
    ),
    duties: canonical(duties, dutyKey),
    reasons: canonical(
      contributions.map(({ reason }) => reason),
      reasonKey,
    ),
  }
  if (verdict === 'hold' && hold) return { ...judgement, hold }
  const steer = joinSteering(contributions)
  return steer ? { ...judgement, steer } : judgement
}
