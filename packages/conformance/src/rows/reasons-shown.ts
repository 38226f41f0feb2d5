import { says } from '../kit/script.ts'
import { MODES } from '../kit/session.ts'
import { REASONS, WORDS } from '../kit/words.ts'
import { ANSWER } from './leak-row.ts'
import { notApplicable, type Row } from './row.ts'

const SIDES = ['request', 'answer'] as const
const CANARIES = [REASONS.rule, REASONS.reason, String(REASONS.score)]

/** Errors that a guard throws to the app are the app’s; what it hands on as the answer is the end user’s. */
export const reasonsShown: Row = {
  name: 'reasons-shown',
  question:
    'How often can an end user read the rule, the score or the reason of a block in what stands for the answer?',
  unit: `of ${SIDES.length * MODES.length} calls`,
  async measure({ ask }) {
    const shown: string[] = []
    let blocked = 0
    for (const side of SIDES)
      for (const mode of MODES) {
        const seen = await ask({
          script: says(side === 'request' ? ANSWER : `Well, ${WORDS.block}.`),
          mode,
          prompt: side === 'request' ? `Say ${WORDS.block}.` : 'Say something.',
        })
        if (seen.answered && !seen.holds(side === 'request' ? ANSWER : WORDS.block)) blocked += 1
        const found = CANARIES.filter((canary) => seen.holds(canary))
        if (found.length > 0)
          shown.push(`${side} ${mode === 'stream' ? 'streamed' : 'unstreamed'}: ${found.join(', ')}`)
      }
    if (blocked === 0) return notApplicable('The guard blocked none of these calls.')
    return {
      value: shown.length,
      clean: shown.length === 0,
      how: `A flagged request and a flagged answer (${blocked} of 4 calls blocked), where the check gives a rule, a score and a reason${shown.length === 0 ? '' : `; read by the caller: ${shown.join('; ')}`}.`,
    }
  },
}
