import { type ReviewStats, reviewStats } from '@parapet/sdk'
import { fields, table } from '../../output/table.ts'
import { allItems } from './all-items.ts'
import { answer, type Verb } from './call.ts'

const counted = (title: string, counts: Readonly<Record<string, number>>): string[] => {
  const rows = Object.entries(counts).filter(([, count]) => count > 0)
  return rows.length === 0 ? [] : [table([title, 'items'], rows)]
}

function describe(stats: ReviewStats, now: number): string {
  const { secondOpinions, msToDecision } = stats
  const waits = (since: number | undefined) =>
    since === undefined ? '' : `${Math.round((now - since) / 1_000)} s`
  const teams = Object.entries(stats.teams).map(([team, { open, claimed, oldestOpenAt }]) => [
    team,
    open,
    claimed,
    waits(oldestOpenAt),
  ])
  return [
    fields([
      ['items', stats.items],
      ['decided', msToDecision.n],
      ['seconds to a decision, half', msToDecision.n === 0 ? '' : (msToDecision.p50 / 1_000).toFixed(1)],
      ['seconds to a decision, 95 %', msToDecision.n === 0 ? '' : (msToDecision.p95 / 1_000).toFixed(1)],
      ['second opinions', `${secondOpinions.agreed} of ${secondOpinions.asked} agreed`],
      ['appeals', `${stats.appeals.granted} of ${stats.appeals.decided} granted`],
    ]),
    ...counted('state', stats.states),
    ...(teams.length === 0 ? [] : [table(['team', 'open', 'claimed', 'oldest waits'], teams)]),
    ...counted('outcome', stats.outcomes),
    ...counted('reason', stats.reasons),
    ...counted('reviewer', stats.reviewers),
  ].join('\n\n')
}

/** What is on the queue, and what became of it. */
export const stats: Verb = async (call) => {
  const found = await reviewStats(allItems(call))
  return answer(call, found, () => describe(found, Date.now()))
}
