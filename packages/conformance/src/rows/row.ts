import type { Bench } from '../kit/bench.ts'
import type { Session } from '../kit/session.ts'

/** What a row found. */
export interface Measured {
  /** What went wrong, counted; see the row's unit. `n/a`: the target gave nothing to count; `how` says why. */
  readonly value: number | 'n/a'
  readonly clean: boolean | 'n/a'
  /** Where fewer calls could be counted than the row makes. @default the row's */
  readonly unit?: string
  /** What was sent and what came, in numbers: enough to do it again. */
  readonly how: string
}

/** The row cannot be asked of a target. That is never clean. */
export const notApplicable = (how: string): Measured => ({ value: 'n/a', clean: 'n/a', how })

/** The unit of a row that counts calls. */
export const ofCalls = (count: number): string => `of ${count} ${count === 1 ? 'call' : 'calls'}`

/** A question that is put to every guard. */
export interface Row {
  readonly name: string
  /** What is counted. */
  readonly question: string
  readonly unit: string
  measure(session: Session, bench: Bench): Promise<Measured>
}
