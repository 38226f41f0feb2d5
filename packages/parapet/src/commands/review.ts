import { userInfo } from 'node:os'
import { REVIEW_STATES } from '@parapet/sdk'
import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { openQueue } from './review/open-queue.ts'
import { VERBS } from './review/verbs.ts'

const HELP = `parapet review <verb>: the review queue

  list                       items in the order in which they are handed out
    --state STATE            ${REVIEW_STATES.join(', ')} (default: open and claimed)
    --limit N                at most, 1 to 500 (default: 50)
    --after CURSOR           the page behind this one, as list names it
  show ID                    one item with its text; the view is logged
  claim [ID]                 takes the first open item, or this one, for ten minutes; again: ten more
  release ID                 puts an item of yours back
    --reason CODE            a short code for the log
  skip ID --reason CODE      puts an item of yours back for others
  decide ID                  with one of:
    --approve, --reject      lets the content pass, or stops it
    --edit FILE              releases this text instead of the answer, once it was judged (output)
    --answer FILE            releases this text instead of any answer, once it was judged
    --reason CODE            a short code of your own, for the log
    --note TEXT              words for the item, erased with it
  undo ID --token TOKEN      takes a decision back that is not in effect yet, as decide says
  events [ID]                the queue's log, of everything or of one item
    --limit N, --after N     at most N (default: 50), behind this number
  watch                      what happens, as it happens
    --limit N, --after N     ends after N; begins behind this number (default: never; now)
  stats                      what waits, how long decisions take, who decided what, how often opinions agree
  export                     every item, without text
    --format FORMAT          jsonl or csv (default: jsonl)
    --state STATE            these alone (default: all)
    --text                   with text (jsonl); each item counts as viewed
  import FILE                decisions or items, in a form that export gives; rows that do not hold are refused,
                             and decisions that are still to be made are passed over
    --format FORMAT          jsonl or csv (default: by the file's name)
    --dry-run                checks, and takes nothing
    --trust-reviewers        takes second opinions of reviewers other than you
  verify                     follows the hash chain of the log
  migrate [--dry-run]        brings the file to the newest schema
  doctor                     checks the file, the log, and whether each team keeps up

  --queue PLACE              the queue: a file, or postgres://… (default: PARAPET_QUEUE, else review.db)
  --reviewer NAME            who you are (default: PARAPET_REVIEWER, else your user name)
  --tenant NAME              only this tenant: an item of another is not there
  --team NAME                only this team (list, claim, stats, export)
  --json                     JSON instead of tables

An item that you claimed stays yours from one call to the next; decide claims it first where nobody has.
Exit status: 0 done; 1 failed, nothing to claim, or a row refused; 2 called wrongly.`

const OPTIONS = {
  queue: { type: 'string' },
  reviewer: { type: 'string' },
  tenant: { type: 'string' },
  team: { type: 'string' },
  state: { type: 'string' },
  limit: { type: 'string' },
  after: { type: 'string' },
  approve: { type: 'boolean', default: false },
  reject: { type: 'boolean', default: false },
  reason: { type: 'string' },
  edit: { type: 'string' },
  answer: { type: 'string' },
  note: { type: 'string' },
  token: { type: 'string' },
  format: { type: 'string' },
  text: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  'trust-reviewers': { type: 'boolean', default: false },
} as const

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('review', args, OPTIONS)
  const [name = '', id] = positionals
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined
  if (!verb) throw usage('review', `The verbs are ${Object.keys(VERBS).join(', ')}.`)
  atMost('review', positionals, 2)
  const reviewer = values.reviewer ?? process.env['PARAPET_REVIEWER'] ?? userInfo().username
  const opened = await openQueue(values.queue, { make: name === 'migrate' && !values['dry-run'] })
  try {
    return await verb({ ...opened, reviewer, id, values, streams })
  } finally {
    await opened.queue.close()
  }
}

export const command: Command = { help: HELP, run }
