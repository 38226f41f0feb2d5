import { setTimeout as sleep } from 'node:timers/promises'
import type { ReviewEvent } from '@parapet/sdk'
import { wholeNumber } from '../../command.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { terminalText } from '../../output/terminal-text.ts'
import { type Call, optional, type Verb } from './call.ts'

/** How often the log is read while nothing happens. */
const PAUSE_MS = 500
const PAGE = 1_000

/** The log's end. Its entries are numbered without gaps, so it is found by halving: some dozen are read, however long it is. */
async function endOfLog({ queue }: Call): Promise<number> {
  const isBefore = async (after: number) => (await queue.events({ after, limit: 1 })).length > 0
  let [least, most] = [0, 1]
  while (await isBefore(most)) [least, most] = [most, most * 2]
  // The end is in [least, most], and nothing was behind `most`.
  while (least < most) {
    const middle = Math.floor((least + most) / 2)
    if (await isBefore(middle)) least = middle + 1
    else most = middle
  }
  return least
}

function line({ at, kind, itemId, actor, detail }: ReviewEvent): string {
  const more = Object.entries(detail).map(([name, value]) => `${name} ${value}`)
  return terminalText([new Date(at).toISOString(), kind, itemId, actor, ...more].join('  '))
}

/** Prints what happens as it happens, from now on or behind `--after`; ends after `--limit` entries where that is given. */
export const watch: Verb = async (call) => {
  const { queue, values, streams } = call
  const { after: given, tenant } = values
  let after = given === undefined ? await endOfLog(call) : wholeNumber('review', 'after', given, 2 ** 50)
  let left =
    values.limit === undefined
      ? Number.POSITIVE_INFINITY
      : wholeNumber('review', 'limit', values.limit, 1_000_000)
  while (left > 0) {
    const found = await queue.events({ after, limit: Math.min(PAGE, left), ...optional('tenant', tenant) })
    for (const event of found) await print(streams.stdout, values.json ? JSON.stringify(event) : line(event))
    left -= found.length
    after = found.at(-1)?.sequence ?? after
    if (found.length === 0) await sleep(PAUSE_MS)
  }
  return EXIT.ok
}
