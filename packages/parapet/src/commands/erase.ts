import { setTimeout as sleep } from 'node:timers/promises'
import { atMost, type Command, parse, type Streams, usage, wholeNumber } from '../command.ts'
import { counted } from '../output/counted.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { type OpenedQueue, openQueue } from './review/open-queue.ts'

const HELP = `parapet erase --subject KEY: erases one person's text from the review queue

  --subject KEY      whose, as the app names them (subjectKey)
  --tenant NAME      of which tenant (default: default)
  --queue PLACE      the queue: a file, or postgres://… (default: PARAPET_QUEUE, else review.db)
  --wait SECONDS     how long to wait for text to leave a file's write-ahead log, 1 to 600 (default: 10)
  --json             JSON instead of a sentence

Texts, answers and notes go; rows and the log stay, so that the log can still be verified. What nobody had decided is rejected.
Decision records hold no text: what ties their digests to a person goes with the key (parapet records forget-key).
In a file, another process that reads may keep erased text in the write-ahead log (FILE-wal). Every process that uses the queue
goes on trying to cut it.
Exit status: 0 done, also when there was nothing; 1 failed, or text is left in the log; 2 called wrongly.`

const PAUSE_MS = 200

/** Whether text is still there after a while: another process holds it. */
async function isTextLeft(queue: OpenedQueue['queue'], waitMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + waitMs
  while (await queue.erasedTextLeft?.()) {
    if (performance.now() >= giveUpAt) return true
    await sleep(PAUSE_MS)
  }
  return false
}

async function run(args: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parse('erase', args, {
    subject: { type: 'string' },
    tenant: { type: 'string', default: 'default' },
    queue: { type: 'string' },
    wait: { type: 'string', default: '10' },
  })
  atMost('erase', positionals, 0)
  const { subject: subjectKey, tenant, json } = values
  if (subjectKey === undefined) throw usage('erase', '--subject is needed.')
  const waitMs = wholeNumber('erase', 'wait', values.wait, 600) * 1_000
  const { queue } = await openQueue(values.queue)
  try {
    const erased = await queue.erase({ tenant, subjectKey })
    const textLeft = await isTextLeft(queue, waitMs)
    await print(
      stdout,
      json ? JSON.stringify({ erased, textLeft }) : `${counted(erased, 'item')} lost their text.`,
    )
    if (!textLeft) return EXIT.ok
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
