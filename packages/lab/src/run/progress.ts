/** How far a run has come. */
export interface Progress {
  /** The stage at work, and how many there are. */
  readonly stage: number
  readonly stages: number
  readonly name: string
  /** Steps of this stage, those done and all. */
  readonly done: number
  readonly total: number
  /** Milliseconds left in all stages, as far as can be said; undefined before there is anything to go by. */
  readonly remainingMs: number | undefined
}

/** One stage of a plan: what it is called, and about how many passes through the model it takes. */
export interface PlannedStage {
  readonly name: string
  readonly passes: number
}

/** Counts what a run does and reports it. */
export interface ProgressMeter {
  /** Begins a stage, by its place in the plan from 0. @param passes what it takes, once that is known better than planned */
  begin(stage: number, passes?: number): void
  /**
   * Reports steps of the stage at work.
   * @param resumed whether these were done by an earlier run, and say nothing of the speed
   */
  step(done: number, total: number, resumed?: boolean): void
}

/**
 * Estimates the time left from the time that a pass took so far in this run.
 * @param now milliseconds. @default performance.now
 */
export function progressMeter(
  plan: readonly PlannedStage[],
  report: (progress: Progress) => void,
  now: () => number = () => performance.now(),
): ProgressMeter {
  const passes = plan.map((stage) => stage.passes)
  let current = 0
  let measuredPasses = 0
  let measuredMs = 0
  let last = now()
  let doneShare = 0
  return {
    begin(stage, known) {
      current = stage
      doneShare = 0
      last = now()
      if (known !== undefined) passes[stage] = known
    },
    step(done, total, resumed = false) {
      const share = total === 0 ? 1 : done / total
      const at = now()
      if (!resumed) {
        measuredMs += at - last
        measuredPasses += (share - doneShare) * (passes[current] ?? 0)
      }
      last = at
      doneShare = share
      const ahead = passes.slice(current + 1).reduce((sum, count) => sum + count, 0)
      const left = ahead + (1 - share) * (passes[current] ?? 0)
      report({
        stage: current + 1,
        stages: plan.length,
        name: plan[current]?.name ?? '',
        done,
        total,
        remainingMs: measuredPasses > 0 ? (left * measuredMs) / measuredPasses : undefined,
      })
    },
  }
}
