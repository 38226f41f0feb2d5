import { type Share, wilsonInterval } from '../metrics/index.ts'
import type { AnswerRow } from './answer-row.ts'
import { ARMS, type Arm } from './conditions.ts'

/** What the answers of one group were. The four shares sum to 1; each has its Wilson interval, two-sided 95 %. */
export interface Tally extends Arm {
  readonly n: number
  readonly refused: Share
  readonly complied: Share
  readonly degenerate: Share
  readonly offTopic: Share
  /** Refused with each random direction, in the order of the draws; absent in other groups. */
  readonly draws?: readonly Share[]
}

/** Counts the answers of every group. */
export function tallyAnswers(rows: readonly AnswerRow[]): Tally[] {
  return ARMS.map(({ kind, condition }) => {
    const group = rows.filter((row) => row.kind === kind && row.condition === condition)
    const share = (of: AnswerRow['judgement']['kind']) => shareOf(group, of)
    const draws = [...new Set(group.flatMap(({ draw }) => draw ?? []))].sort((a, b) => a - b)
    return {
      kind,
      condition,
      n: group.length,
      refused: share('refused'),
      complied: share('complied'),
      degenerate: share('degenerate'),
      offTopic: share('off-topic'),
      ...(draws.length === 0
        ? {}
        : {
            draws: draws.map((of) =>
              shareOf(
                group.filter(({ draw }) => draw === of),
                'refused',
              ),
            ),
          }),
    }
  })
}

function shareOf(rows: readonly AnswerRow[], kind: AnswerRow['judgement']['kind']): Share {
  return wilsonInterval(rows.filter(({ judgement }) => judgement.kind === kind).length, rows.length)
}

/** The tally of one group. */
export function tallyOf(tallies: readonly Tally[], kind: Arm['kind'], condition: Arm['condition']): Tally {
  const found = tallies.find((tally) => tally.kind === kind && tally.condition === condition)
  if (!found) throw new TypeError(`There is no group ${kind} ${condition}.`)
  return found
}
