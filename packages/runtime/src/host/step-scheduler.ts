import { setImmediate } from 'node:timers/promises'

/** Work that goes on step by step. */
export interface Steps {
  /** `answer` work goes on a token at a time between the others. */
  readonly lane: 'read' | 'answer'
  /** Does one step; `true` when the work is over. It does not throw. */
  step(): Promise<boolean>
}

/**
 * Runs steps one after another on this thread: readings in the order they came, each to its end, and between two of
 * their steps a token of an answer, in turn; so neither starves. Messages are taken in between steps.
 */
export class StepScheduler {
  readonly #reads: Steps[] = []
  readonly #answers: Steps[] = []
  #running = false
  #last: Steps['lane'] = 'answer'

  add(work: Steps): void {
    if (work.lane === 'read') this.#reads.push(work)
    else this.#answers.push(work)
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let work = this.#next(); work !== undefined; work = this.#next()) {
      this.#last = work.lane
      const over = await work.step()
      if (work.lane === 'read') {
        if (over) this.#reads.shift()
      } else {
        this.#answers.shift()
        if (!over) this.#answers.push(work)
      }
      await setImmediate()
    }
    this.#running = false
  }

  #next(): Steps | undefined {
    const [read] = this.#reads
    const [answer] = this.#answers
    return this.#last === 'read' ? (answer ?? read) : (read ?? answer)
  }
}
