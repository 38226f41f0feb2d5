import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import { REVIEW_STATES } from '@parapet/sdk'
import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { cliError } from '../errors/codes.ts'
import { type ReviewValues, VERBS } from './review/verbs.ts'

const HELP = `parapet review <verb>: the review queue

  list                       items in the order in which they are handed out
    --state STATE            ${REVIEW_STATES.join(', ')} (default: open and claimed)
    --limit N                at most, 1 to 500 (default: 50)
    --after CURSOR           the page behind this one, as list names it
  show ID                    one item with its text; the view is logged
  claim [ID]                 takes the first open item, or this one, for ten minutes; again: ten more
  release ID                 puts an item of yours back
    --reason CODE            a short code for the log
  decide ID --approve | --reject
    --reason CODE            a short code of your own, for the log
    --note TEXT              words for the item, erased with it
  events [ID]                the queue's log, of everything or of one item
    --limit N, --after N     at most N (default: 50), behind this number
  verify                     follows the hash chain of the log

  --queue FILE               the queue (default: PARAPET_QUEUE, else review.db)
  --reviewer NAME            who you are (default: PARAPET_REVIEWER, else your user name)
  --tenant NAME              only this tenant (list, claim, events)
  --json                     JSON instead of tables

An item that you claimed stays yours from one call to the next; decide claims it first where nobody has.
Exit status: 0 done; 1 failed, or nothing to claim; 2 called wrongly.`

const OPTIONS = {
  queue: { type: 'string' },
  reviewer: { type: 'string' },
  tenant: { type: 'string' },
  state: { type: 'string' },
  limit: { type: 'string', default: '50' },
  after: { type: 'string' },
  approve: { type: 'boolean', default: false },
  reject: { type: 'boolean', default: false },
  reason: { type: 'string' },
  note: { type: 'string' },
} as const

/** A queue that is not there is not made: it would only look empty. */
function queuePath(given: string | undefined): string {
  const path = given ?? process.env['PARAPET_QUEUE'] ?? 'review.db'
  if (!existsSync(path)) throw cliError('PARAPET_CLI_QUEUE_MISSING', { path })
  return path
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('review', args, OPTIONS)
  const [name = '', id] = positionals
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (!verb) throw usage('review', `The verbs are ${Object.keys(VERBS).join(', ')}.`)
  atMost('review', positionals, 2)
  const reviewer = values.reviewer ?? process.env['PARAPET_REVIEWER'] ?? userInfo().username
  const queue = sqliteQueue(queuePath(values.queue))
  try {
    return await verb({ queue, reviewer, id, values: values satisfies ReviewValues, streams })
  } finally {
    await queue.close()
  }
}

export const command: Command = { help: HELP, run }
