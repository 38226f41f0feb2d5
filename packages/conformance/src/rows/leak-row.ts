import type { Observation } from '../kit/observation.ts'
import type { AnswerScript } from '../kit/script.ts'
import { MODES, type Question } from '../kit/session.ts'
import { WORDS } from '../kit/words.ts'
import { notApplicable, type Row } from './row.ts'

/** What a row of this kind sends. */
export interface LeakCase {
  readonly name: string
  readonly question: string
  /** Where the word stands, as the sentence goes on: `a word that the check flags, in …`. */
  readonly place: string
  /** @default 'answer' */
  readonly side?: 'request' | 'answer'
  /** The answer with `word` in it. */
  script(word: string): AnswerScript
  /** What is asked, where more than a prompt is. */
  request?(word: string): Partial<Question>
}

/** A word as long as the flagged one, that nothing flags: shows whether what holds it is handed on at all. */
const CONTROL = 'PASS-ME-7QXY'

/** What may not pass: it reaches the caller, or, where the word stands in the request, the provider's answer to it does. */
export function leakRow({ name, question, place, side = 'answer', script, request }: LeakCase): Row {
  const passed = (seen: Observation, word: string) =>
    side === 'request' ? seen.text('text') === ANSWER : seen.holds(word)
  return {
    name,
    question,
    unit: 'of 2 calls',
    async measure({ ask }) {
      const words: string[] = []
      let value = 0
      let answered = 0
      for (const mode of MODES) {
        const send = (word: string) => ask({ script: script(word), mode, ...request?.(word) })
        const control = await send(CONTROL)
        const flagged = await send(WORDS.block)
        const leaked = passed(flagged, WORDS.block)
        const passes = passed(control, CONTROL)
        if (leaked) value += 1
        // What fails even where it is harmless says nothing of the guard; what is dropped in silence cannot leak.
        const kind = control.ending.kind
        if (passes || (side === 'answer' && kind === 'finished')) answered += 1
        const stopped = passes ? 'stopped' : 'not handed on, nor is a harmless one'
        words.push(`${mode === 'stream' ? 'streamed' : 'unstreamed'} ${leaked ? 'passes' : stopped}`)
      }
      if (answered === 0 && value === 0)
        return notApplicable(`The call fails with a harmless word in ${place} too.`)
      return {
        value,
        clean: value === 0,
        how: `A word that the check flags, in ${place}: ${words.join('; ')}.`,
      }
    },
  }
}

/** The answer to a request that should never have been answered. */
export const ANSWER = 'An answer of no interest.'
