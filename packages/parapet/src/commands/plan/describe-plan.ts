import { describeFinding, type PlanGate, type PolicyPlan, type Share } from '@parapet/lab'
import { fields, table } from '../../output/table.ts'

type Side = PolicyPlan['old']

const sharePercent = ({ hits, low, high }: Share): string =>
  `${hits} (${(low * 100).toFixed(2)} to ${(high * 100).toFixed(2)} %)`
const ms = ({ measuringMs }: Side): string =>
  measuringMs ? `${measuringMs.p50.toFixed(1)} / ${measuringMs.p95.toFixed(1)}` : '?'
const recipients = (side: Side): string => Object.keys(side.recipients).join(', ') || 'nobody'

/** The plan as tables for a terminal. */
export function describePlan(plan: PolicyPlan, gate: PlanGate): string {
  return [summary(plan), ...verdicts(plan), ...silentRules(plan), ...proved(plan), ...weighed(gate)].join(
    '\n\n',
  )
}

function summary(plan: PolicyPlan): string {
  const { old, new: next, changed, loosened, tightened, days } = plan
  const share = (of: Share) => (plan.answered === 0 ? 'not known' : sharePercent(of))
  const both = (of: (side: Side) => string) => `${of(old)} → ${of(next)}`
  return fields([
    ['policies', both(({ id, version }) => `${id} ${version}`)],
    ['decisions', `${plan.answered} of ${plan.decisions} can be asked under both`],
    ['over', days === undefined ? 'less than an hour' : `${days.toFixed(1)} days`],
    ['changed', share(changed)],
    ['softer', share(loosened)],
    ['stricter', share(tightened)],
    ['held', both(({ reviews }) => String(reviews.holds))],
    ['audited', both(({ reviews }) => reviews.audits.toFixed(1))],
    ['reviews a day', both(({ reviews }) => reviews.perDay?.toFixed(1) ?? '?')],
    ['measuring, p50 / p95 ms', both(ms)],
    ['content goes to', both(recipients)],
    ['unreadable lines', plan.unreadable],
  ])
}

function verdicts({ transitions, listed, unknowns }: PolicyPlan): string[] {
  const moved = transitions.filter(({ from, to }) => from !== to)
  const unknown = Object.entries(unknowns)
  return [
    ...(moved.length === 0
      ? []
      : [
          table(
            ['from', 'to', 'decisions'],
            moved.map(({ from, to, share }) => [from, to, sharePercent(share)]),
          ),
        ]),
    ...(listed.length === 0
      ? []
      : [
          table(
            ['decision', 'from', 'to'],
            listed.slice(0, 10).map(({ id, from, to }) => [id, from, to]),
          ),
        ]),
    ...(unknown.length === 0 ? [] : [table(['not in the records', 'decisions'], unknown)]),
  ]
}

function silentRules({ answered, new: next }: PolicyPlan): string[] {
  const silent = next.rules.filter(({ held }) => held.hits === 0)
  if (silent.length === 0 || answered === 0) return []
  const rows = silent.map(({ stage, rule, held }) => [
    `${stage}: ${rule}`,
    `${(held.high * 100).toFixed(2)} %`,
  ])
  return [table(['never held', 'in at most'], rows)]
}

function proved({ findings }: PolicyPlan): string[] {
  const rows = [
    ...findings.introduced.map((finding) => ['new', describeFinding(finding)]),
    ...findings.resolved.map((finding) => ['gone', describeFinding(finding)]),
    ...findings.kept.map((finding) => ['kept', describeFinding(finding)]),
  ]
  return rows.length === 0 ? [] : [table(['', 'proved from the policies'], rows)]
}

function weighed({ bars }: PlanGate): string[] {
  if (bars.length === 0) return []
  const rows = bars.map(({ bar, limit, found, low, high = 1, verdict }) => [
    bar,
    limit,
    low === undefined ? (found ?? 'not known') : `${low.toFixed(4)} to ${high.toFixed(4)}`,
    verdict,
  ])
  return [table(['bar', 'limit', 'found', 'verdict'], rows)]
}
