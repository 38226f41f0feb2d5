/** What came of a scenario. All but the first three must be zero. */
export interface ScenarioResult {
  readonly scenario: string
  /** How often something was killed, cut or stalled. */
  readonly runs: number
  /** Enqueues and decisions that a process was told are done. */
  readonly acknowledged: number
  /** Of these, how many are not in the database as they were acknowledged. */
  readonly lost: number
  /** Items that were decided more than once. */
  readonly decidedTwice: number
  /** Items that nobody could decide in the end: something holds them. */
  readonly stuck: number
}

/** Something goes wrong, again and again, while processes work on a queue. */
export interface Scenario {
  readonly name: string
  /** `random` gives numbers in [0, 1), the same ones for the same seed. */
  run(options: { readonly runs: number; readonly random: () => number }): Promise<ScenarioResult>
}
