import { setTimeout as sleep } from 'node:timers/promises'
import { atMost, type Command, parse, type Streams, usage, wholeNumber } from '../command.ts'
import { counted } from '../output/counted.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { terminalText } from '../output/terminal-text.ts'
import { type OpenedQueue, openQueue } from './review/open-queue.ts'

const HELP = `parapet erase --subject KEY: erases one person's text from the review queue

  --subject KEY      whose, as the app names them (subjectKey)
  --tenant NAME      of which tenant (default: default)
  --queue PLACE      the queue: a file, or postgres://… (default: PARAPET_QUEUE, else review.db)
  --wait SECONDS     how long to wait for text to leave a file's write-ahead log, or for --vacuum, 1 to 600 (default: 10)
  --vacuum           on PostgreSQL: vacuums what held the text now, not when the server next does; without --subject, only that
  --json             JSON instead of a sentence

Texts, answers and notes go; rows and the log stay, so that the log can still be verified. What nobody had decided is rejected.
Decision records hold no text: what ties their digests to a person goes with the key (parapet records forget-key).
In a file, another process that reads may keep erased text in the write-ahead log (FILE-wal). Every process that uses the queue
goes on trying to cut it. PostgreSQL keeps deleted rows until it vacuums, a minute or two later, or as long as somebody's old
transaction may read them; --vacuum says whether they are gone.
Exit status: 0 done, also when there was nothing; 1 failed, or text is left in the log; 2 called wrongly.`

const PAUSE_MS = 200
const VACUUM_PAUSE_MS = 1_000
const UNTIL_VACUUM =
  'The server keeps the deleted rows until it vacuums, which takes a minute or two: --vacuum does it now.'
const HELD_BY_OTHERS =
  'No reader of the queue sees it any more, but the server keeps the deleted rows: a transaction elsewhere is older than the erasure (see pg_stat_activity, replication slots and prepared transactions). End that one, and run --vacuum again.'

/** Whether text is still there after a while: another process holds it. */
async function isTextLeft(queue: OpenedQueue['queue'], waitMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + waitMs
  while (await queue.erasedTextLeft?.()) {
    if (performance.now() >= giveUpAt) return true
    await sleep(PAUSE_MS)
  }
  return false
}

/** Vacuums until nothing is left, or for a while; gives how many rows are. The server's own count of them is some seconds late. */
async function vacuumed(queue: OpenedQueue['queue'], waitMs: number): Promise<number | undefined> {
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    const left = await queue.vacuumErased?.()
    if (!left || performance.now() >= giveUpAt) return left
    await sleep(VACUUM_PAUSE_MS)
  }
}

async function run(args: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parse('erase', args, {
    subject: { type: 'string' },
    tenant: { type: 'string', default: 'default' },
    queue: { type: 'string' },
    wait: { type: 'string', default: '10' },
    vacuum: { type: 'boolean', default: false },
  })
  atMost('erase', positionals, 0)
  const { subject: subjectKey, tenant, json, vacuum } = values
  if (subjectKey === undefined && !vacuum) throw usage('erase', '--subject is needed.')
  const waitMs = wholeNumber('erase', 'wait', values.wait, 600) * 1_000
  const { queue } = await openQueue(values.queue)
  try {
    if (vacuum && !queue.vacuumErased) throw usage('erase', '--vacuum is for PostgreSQL: a file needs none.')
    const erased = subjectKey === undefined ? 0 : await queue.erase({ tenant, subjectKey })
    const deadTexts = vacuum ? await vacuumed(queue, waitMs) : undefined
    const textLeft = deadTexts === undefined ? await isTextLeft(queue, waitMs) : deadTexts > 0
    // Of which tenant: a name that nobody has, or none where one was needed, erases nothing and is no failure.
    const whose = subjectKey === undefined ? {} : { tenant }
    const result = { ...whose, erased, textLeft, ...(deadTexts === undefined ? {} : { deadTexts }) }
    const of = subjectKey === undefined ? '' : ` of tenant ${terminalText(tenant)}`
    const sentence = `${counted(erased, 'item')}${of} lost their text.`
    await print(stdout, json ? JSON.stringify(result) : sentence)
    if (!textLeft) {
      if (queue.vacuumErased && !vacuum && erased > 0 && !json) await print(stdout, UNTIL_VACUUM)
      return EXIT.ok
    }
    if (deadTexts !== undefined) {
      await print(stderr, HELD_BY_OTHERS)
      return EXIT.failed
    }
    await print(
      stderr,
      'No reader of the queue sees it any more, but it still stands in the write-ahead log (the file with -wal): another process has been reading since before. End that one, and erase again to see that it is gone.',
    )
    return EXIT.failed
  } finally {
    await queue.close()
  }
}

export const command: Command = { help: HELP, run }
