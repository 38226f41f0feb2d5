import { setImmediate } from 'node:timers/promises'

/** Work that goes on step by step. */
export interface Steps {
  /** `answer` work goes on a token at a time between the others. */
  readonly lane: 'read' | 'answer'
  /** Does one step; `true` when the work is over. It does not throw. */
  step(): Promise<boolean>
}

/**
 * Runs steps one after another on this thread, in turn: first those that read, with a token of an answer after each, so
 * that neither starves. Messages are taken in between steps.
 */
export class StepScheduler {
  readonly #lanes: Record<Steps['lane'], Steps[]> = { read: [], answer: [] }
  #running = false
  #last: Steps['lane'] = 'answer'

  add(work: Steps): void {
    this.#lanes[work.lane].push(work)
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let work = this.#next(); work !== undefined; work = this.#next()) {
      const over = await work.step()
      if (!over) this.#lanes[work.lane].push(work)
      await setImmediate()
    }
    this.#running = false
  }

  #next(): Steps | undefined {
    const { read, answer } = this.#lanes
    const turn = this.#last === 'read' ? [answer, read] : [read, answer]
    const lane = turn.find(({ length }) => length > 0)
    if (lane) this.#last = lane === read ? 'read' : 'answer'
    return lane?.shift()
  }
}
