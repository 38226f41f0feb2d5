import { isParapetError } from '@parapet/sdk'
import { type Command, print, type Streams } from './command.ts'
import { EXIT } from './output/exit-codes.ts'

/** A command is loaded when it is called: help, and every small command, starts at once. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  check: () => import('./commands/check.ts'),
  measure: () => import('./commands/measure.ts'),
  answer: () => import('./commands/answer.ts'),
  review: () => import('./commands/review.ts'),
  records: () => import('./commands/records.ts'),
  policy: () => import('./commands/policy.ts'),
  doctor: () => import('./commands/doctor.ts'),
}

const HELP = `parapet: guardrails for chat, from the shell

  parapet check "text"            what a policy says of a text
  parapet measure <detector>      scores for JSON lines
  parapet answer                  the local chat model's answers to JSON lines
  parapet review <verb>           list, show, claim, release, decide: the review queue
  parapet records <verb>          verify, replay, explain: the decision records
  parapet policy <verb>           check a policy, print its JSON Schema
  parapet doctor                  what is installed, what is missing, and the line that mends it

  parapet <command> --help        a command's own options
  --json                          JSON instead of tables, everywhere
  --debug                         the stack of an error

Exit status: 0 done, 1 failed, 2 called wrongly; check: 10 held, 11 blocked.`

async function report(error: unknown, debug: boolean, { stderr }: Streams): Promise<number> {
  const message = error instanceof Error ? error.message : String(error)
  const code = isParapetError(error) ? error.code : 'PARAPET_CLI_UNEXPECTED'
  await print(stderr, `${code}: ${message}`)
  if (debug && error instanceof Error) await print(stderr, error.stack ?? '')
  return code === 'PARAPET_CLI_USAGE' ? EXIT.usage : EXIT.failed
}

/** Runs the command line; resolves to the exit status. A reader that goes away (`| head`) is no fault. */
export async function run(args: readonly string[], streams: Streams = process): Promise<number> {
  streams.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok)
  })
  const [name = '', ...rest] = args
  if (name === '' || name === 'help' || name === '--help' || name === '-h') {
    await print(streams.stdout, HELP)
    return name === '' ? EXIT.usage : EXIT.ok
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load) {
    await print(streams.stderr, `PARAPET_CLI_USAGE: There is no such command. See: parapet --help`)
    return EXIT.usage
  }
  try {
    const { command } = await load()
    if (rest.includes('--help') || rest.includes('-h')) {
      await print(streams.stdout, command.help)
      return EXIT.ok
    }
    return await command.run(rest, streams)
  } catch (error) {
    return report(error, rest.includes('--debug'), streams)
  }
}
