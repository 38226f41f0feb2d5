import type { Finished, Generation, TextDelta } from './decoder-model.ts'

/** The writing end of a generation. */
export interface GenerationStream {
  readonly generation: Generation
  push(delta: TextDelta): void
}

/**
 * An answer as it is written. Deltas are kept, so that an iteration begun late misses nothing; there are at most as many
 * as new tokens were allowed.
 * @param finished settles when the answer ends; its error is the iteration's
 * @param leave called when an iteration is left before the end
 */
export function generationStream(finished: Promise<Finished>, leave: () => void): GenerationStream {
  const deltas: TextDelta[] = []
  let wake = Promise.withResolvers<void>()
  let ended = false
  const end = () => {
    ended = true
    wake.resolve()
  }
  finished.then(end, end)

  async function* iterate(): AsyncGenerator<TextDelta, void, undefined> {
    let complete = false
    try {
      for (let next = 0; ; ) {
        const delta = deltas[next]
        if (delta) {
          next += 1
          yield delta
        } else if (ended) {
          await finished
          complete = true
          return
        } else await wake.promise
      }
    } finally {
      if (!complete && !ended) leave()
    }
  }

  return {
    generation: { finished, [Symbol.asyncIterator]: iterate },
    push(delta) {
      deltas.push(delta)
      wake.resolve()
      wake = Promise.withResolvers<void>()
    },
  }
}
