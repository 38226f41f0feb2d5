import { setTimeout } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import { type Observation, observationOf, type ReceivedPiece } from './observation.ts'
import type { AnswerScript } from './script.ts'
import type { CallRequest, Ending, Piece, Target } from './target.ts'

export type Mode = 'generate' | 'stream'
export const MODES = ['generate', 'stream'] as const satisfies readonly Mode[]

/** One call of a row. */
export interface Question extends Partial<Omit<CallRequest, 'signal'>> {
  readonly script: AnswerScript
  readonly mode: Mode
  /** @default 10,000 ms: a check of the kit takes one */
  readonly checkTimeoutMs?: number
  /** How long the kit waits for the guard's answer. @default 20,000 ms */
  readonly patienceMs?: number
}

/** Asks one target, each time as if it had never been asked. */
export interface Session {
  ask(question: Question): Promise<Observation>
}

/** What a guard starts and does not wait for has so long to come. Nothing is measured in it but what came. */
const AFTERMATH_MS = 20

/** How long the kit waits for the provider's calls to end, once the guard has. What runs then was left running. */
const IDLE_MS = 5_000

/** Makes the session of a target on a bench. One question at a time. */
export function createSession(target: Target, { upstream, upstreamUrl, judge }: Bench): Session {
  return {
    async ask({ script, mode, checkTimeoutMs = 10_000, patienceMs = 20_000, ...request }) {
      upstream.play(script)
      judge.reset()
      const pieces: ReceivedPiece[] = []
      const opened = await target.open({ upstreamUrl, judge, checkTimeoutMs })
      const patience = new AbortController()
      const receive = (piece: Piece) =>
        void pieces.push({ ...piece, unjudged: judge.missing(piece.text, { answered: true }) })
      const call = async (): Promise<Ending> => {
        try {
          return await opened[mode](
            { prompt: 'Say something.', ...request, signal: patience.signal },
            receive,
          )
        } catch (error) {
          return { kind: 'failed', error }
        }
      }
      const ending = await Promise.race([
        call(),
        setTimeout(patienceMs, { kind: 'pending' as const }, { ref: false }),
      ])
      const states = upstream.calls.map((call) => ({ atEnd: call.state, call }))
      // What came after the end counts neither as the answer nor against it.
      const received = [...pieces]
      if (ending.kind === 'pending') patience.abort()
      else await Promise.race([upstream.idle(), setTimeout(IDLE_MS, undefined, { ref: false })])
      await setTimeout(AFTERMATH_MS)
      const { texts } = judge
      await opened.close()
      return observationOf({
        ending,
        pieces: received,
        calls: states,
        checks: texts.length,
        checkedCharacters: texts.reduce((sum, { text }) => sum + text.length, 0),
      })
    },
  }
}
