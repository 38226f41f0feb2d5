import type * as FastCheck from 'fast-check'
import { assertSame, manualClock, type OpenQueueForTest } from './harness.ts'
import { QueueModel } from './queue-model.ts'
import { type FastCheckLibrary, type QueueRound, queueRound } from './queue-steps.ts'
import { RealQueue } from './real-queue.ts'

/**
 * The property that a queue gives what a plain model gives, for any calls by any reviewers at any times, also when many
 * are made at once: `await fc.assert(queueAgreesWithModel(fc, open), { seed, numRuns })`.
 */
export function queueAgreesWithModel(fc: FastCheckLibrary, open: OpenQueueForTest) {
  const some = fc.array(queueRound(fc), { minLength: 1, maxLength: 12, size: 'max' })
  const rounds = fc.commands([some.map((rounds) => new RoundsCommand(rounds))], { size: '+1' })
  return fc.asyncProperty(rounds, async (commands) => {
    const clock = manualClock()
    const store = await open({ now: clock.now })
    try {
      const real = new RealQueue(store, clock, await store.another())
      const model = new QueueModel(clock.now())
      await fc.asyncModelRun(() => ({ model, real }), commands)
      assertSame(await real.log(), model.log)
    } finally {
      await store.dispose()
    }
  })
}

/** Several rounds in a row: sequences of commands alone come out too short for what takes many steps. */
class RoundsCommand implements FastCheck.AsyncCommand<QueueModel, RealQueue> {
  readonly #rounds: readonly QueueRound[]

  constructor(rounds: readonly QueueRound[]) {
    this.#rounds = rounds
  }

  check(): boolean {
    return true
  }

  async run(model: QueueModel, real: RealQueue): Promise<void> {
    for (const round of this.#rounds) {
      const { known } = model
      model.advance(round.advanceMs)
      const expected = round.steps.map((step) => model.run(step, known))
      assertSame(await real.run(round), expected)
    }
  }

  toString(): string {
    return JSON.stringify(this.#rounds)
  }
}
