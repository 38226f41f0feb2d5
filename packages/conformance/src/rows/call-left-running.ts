import { says } from '../kit/script.ts'
import type { Question } from '../kit/session.ts'
import { WORDS } from '../kit/words.ts'
import { notApplicable, ofCalls, type Row } from './row.ts'

/** Long enough that a guard which has blocked is seen to have blocked before the provider goes on. */
const STALL_MS = 1_500
const FILL = 'Nothing of interest here. '

const CASES: readonly (readonly [what: string, question: Question])[] = [
  [
    'answer flagged at its start, streamed',
    {
      script: says(`${WORDS.block} ${FILL.repeat(120)}`, { stallMs: STALL_MS }),
      mode: 'stream',
    },
  ],
  [
    'request flagged, unstreamed',
    {
      script: says(FILL, { stallMs: STALL_MS }),
      mode: 'generate',
      prompt: `Say ${WORDS.block}.`,
    },
  ],
  [
    'request flagged, streamed',
    {
      script: says(FILL, { stallMs: STALL_MS }),
      mode: 'stream',
      prompt: `Say ${WORDS.block}.`,
    },
  ],
]

/** The provider stalls in the middle and then goes on: who has blocked by then and hangs on pays for the rest. */
export const callLeftRunning: Row = {
  name: 'call-left-running',
  question: 'How often does the provider’s call go on, and is paid for, after the guard has blocked?',
  unit: ofCalls(CASES.length),
  async measure({ ask }) {
    const left: string[] = []
    let blocked = 0
    for (const [what, question] of CASES) {
      const seen = await ask(question)
      if (!seen.answered || seen.text('text') === question.script.choices[0]?.text) continue
      blocked += 1
      if (seen.calls.some(({ atEnd, call }) => atEnd === 'open' && call.state !== 'aborted')) left.push(what)
    }
    if (blocked === 0) return notApplicable('The guard blocked none of these calls.')
    return {
      value: left.length,
      unit: ofCalls(blocked),
      clean: left.length === 0,
      how: `The provider stalls ${STALL_MS} ms in the middle of its answer, or before one that does not stream, and then ends it if nobody hung up; ${blocked} of ${CASES.length} were blocked${left.length === 0 ? '' : `; it ended: ${left.join('; ')}`}.`,
    }
  },
}
