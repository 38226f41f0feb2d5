import type { Account } from './account-for.ts'

/** What came of a scenario. */
export interface ScenarioResult extends Account {
  readonly scenario: string
  /** How often something was to be killed, cut or stalled. */
  readonly runs: number
}

/** Something goes wrong, again and again, while processes work on a queue. */
export interface Scenario {
  readonly name: string
  /** `random` gives numbers in [0, 1), the same ones for the same seed. */
  run(options: { readonly runs: number; readonly random: () => number }): Promise<ScenarioResult>
}

/** Whether something was done at all, and nothing is held against it. */
export function holds({ acknowledged, lost, decidedTwice, stuck, claimedTwice }: ScenarioResult): boolean {
  return acknowledged > 0 && lost + decidedTwice + stuck + claimedTwice === 0
}
