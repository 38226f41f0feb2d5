import { says } from '../kit/script.ts'
import { distinctText } from '../kit/words.ts'
import { notApplicable, type Row } from './row.ts'

const SHORT = 1_000
const TIMES = 4
const CHUNK = 8
/** Work that grows with the length gives 4, with its square 16. A fixed part makes it less, a window more or fewer a little more. */
const MOST = 5

/** Counted in characters shown to checks, and in checks: never in milliseconds. */
export const workGrowth: Row = {
  name: 'work-growth',
  question: `How many times the work does a streamed answer of ${TIMES} times the length make?`,
  unit: 'times',
  async measure({ ask }) {
    const work = async (length: number) => {
      const seen = await ask({
        script: says(distinctText(length), { chunk: CHUNK }),
        mode: 'stream',
        patienceMs: 60_000,
      })
      return { characters: seen.checkedCharacters, checks: seen.checks }
    }
    const short = await work(SHORT)
    const long = await work(SHORT * TIMES)
    if (long.characters < SHORT * TIMES)
      return notApplicable(`No check saw all of a streamed answer of ${SHORT * TIMES} characters.`)
    const growth = Math.max(long.characters / short.characters, long.checks / short.checks)
    return {
      value: Math.round(growth * 10) / 10,
      clean: growth <= MOST,
      how: `Harmless answers in pieces of ${CHUNK}: ${SHORT} characters made ${short.checks} checks of ${short.characters} characters together, ${SHORT * TIMES} made ${long.checks} of ${long.characters}. Up to ${MOST} is clean.`,
    }
  },
}
