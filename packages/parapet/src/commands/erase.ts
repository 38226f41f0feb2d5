import { existsSync } from 'node:fs'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { cliError } from '../errors/codes.ts'
import { counted } from '../output/counted.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'

const HELP = `parapet erase --subject KEY: erases one person's text from the review queue

  --subject KEY      whose, as the app names them (subjectKey)
  --tenant NAME      of which tenant (default: default)
  --queue FILE       the queue (default: PARAPET_QUEUE, else review.db)
  --json             JSON instead of a sentence

Texts, answers and notes go; rows and the log stay, so that the log can still be verified. What nobody had decided is rejected.
Decision records hold no text: what ties their digests to a person goes with the key (parapet records forget-key).
Exit status: 0 done, also when there was nothing; 1 failed; 2 called wrongly.`

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parse('erase', args, {
    subject: { type: 'string' },
    tenant: { type: 'string', default: 'default' },
    queue: { type: 'string' },
  })
  atMost('erase', positionals, 0)
  const { subject: subjectKey, tenant, json } = values
  if (subjectKey === undefined) throw usage('erase', '--subject is needed.')
  const path = values.queue ?? process.env['PARAPET_QUEUE'] ?? 'review.db'
  if (!existsSync(path)) throw cliError('PARAPET_CLI_QUEUE_MISSING', { path })
  const queue = sqliteQueue(path)
  try {
    const erased = await queue.erase({ tenant, subjectKey })
    await print(stdout, json ? JSON.stringify({ erased }) : `${counted(erased, 'item')} lost their text.`)
    return EXIT.ok
  } finally {
    await queue.close()
  }
}

export const command: Command = { help: HELP, run }
