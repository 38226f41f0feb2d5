import type { Action, Condition, Rule } from '@parapet/sdk'

/** Whether the first condition holds whenever the second does, for the same label of the same detector. */
function holdsWhenever(first: Condition, second: Condition): boolean {
  // What was found scores 1, and no score is higher.
  if (second.kind === 'found') return first.kind !== 'falsePositiveRate'
  if (first.kind === 'above' && second.kind === 'above') return first.score <= second.score
  // A larger share of benign texts is flagged by a lower threshold.
  if (first.kind === 'falsePositiveRate' && second.kind === 'falsePositiveRate')
    return first.rate >= second.rate
  return false
}

/** Whether the first action asks for all that the second does. */
function asksForAsMuch(first: Action, second: Action): boolean {
  if (second.kind === 'steer')
    return first.kind === 'block' || (first.kind === 'steer' && first.strength >= second.strength)
  if (second.kind !== 'hold') return first.kind === 'block' && second.kind === 'block'
  if (first.kind === 'block') return true
  if (first.kind !== 'hold') return false
  return (
    first.waitMs <= second.waitMs &&
    first.withinMs <= second.withinMs &&
    (first.otherwise === 'block' || second.otherwise === 'allow')
  )
}

const readsTheSame = (first: Rule, second: Rule): boolean =>
  first.detector === second.detector && (first.label === undefined || first.label === second.label)

/**
 * The rule of the same stage because of which this one changes no verdict: it reads the same label, holds whenever this
 * one does, and asks for at least as much. Of two that are alike the later one is without effect. Flags, audits and edits
 * are never: each rule's own stands in the decision.
 */
export function withoutEffectBecause(rule: Rule, rules: readonly Rule[]): Rule | undefined {
  const own = rules.indexOf(rule)
  return rules.find((other, place) => {
    if (other === rule || !readsTheSame(other, rule)) return false
    const covers = (a: Rule, b: Rule) =>
      holdsWhenever(a.condition, b.condition) && asksForAsMuch(a.action, b.action)
    return covers(other, rule) && (place < own || !covers(rule, other))
  })
}
