import type { Account } from './account-for.ts'

/** What came of a scenario. */
export interface ScenarioResult extends Account {
  readonly scenario: string
  /** How often something was to be killed, cut or stalled. */
  readonly runs: number
  /** How many processes, connections or stretches of silence came of it: with none, the scenario has shown nothing. */
  readonly harm: number
  /** How many dead letters were sent again, where there are some. */
  readonly resent?: number
}

/** Something goes wrong, again and again, while processes work on a queue. */
export interface Scenario {
  readonly name: string
  /** `random` gives numbers in [0, 1), the same ones for the same seed. */
  run(options: { readonly runs: number; readonly random: () => number }): Promise<ScenarioResult>
}

/** Whether something was done and something went wrong meanwhile, and nothing is held against the queue. */
export function holds({
  acknowledged,
  harm,
  lost,
  decidedTwice,
  stuck,
  claimedTwice,
}: ScenarioResult): boolean {
  return acknowledged > 0 && harm > 0 && lost + decidedTwice + stuck + claimedTwice === 0
}
