import { readFile } from 'node:fs/promises'
import type { Command, Streams } from './command.ts'
import { UNEXPECTED, UNEXPECTED_HINT } from './errors/unexpected.ts'
import { EXIT } from './output/exit-codes.ts'
import { print } from './output/print.ts'

/** A command is loaded when it is called: help starts at once. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  check: () => import('./commands/check.ts'),
  measure: () => import('./commands/measure.ts'),
  answer: () => import('./commands/answer.ts'),
  prove: () => import('./commands/prove.ts'),
  model: () => import('./commands/model.ts'),
  review: () => import('./commands/review.ts'),
  calibrate: () => import('./commands/calibrate.ts'),
  erase: () => import('./commands/erase.ts'),
  records: () => import('./commands/records.ts'),
  policy: () => import('./commands/policy.ts'),
  plan: () => import('./commands/plan.ts'),
  serve: () => import('./commands/serve.ts'),
  doctor: () => import('./commands/doctor.ts'),
  'export-kserve': () => import('./commands/export-kserve.ts'),
  conformance: () => import('./commands/conformance.ts'),
  fit: () => import('./commands/fit.ts'),
  direction: () => import('./commands/direction.ts'),
}

const HELP = `parapet: guardrails for chat, from the shell

  parapet check "text"            what a policy says of a text
  parapet measure <detector>      scores for JSON lines
  parapet answer                  the local chat model's answers to JSON lines
  parapet prove                   whether a model's refusals hang on a direction
  parapet model <verb>            models of the Hugging Face hub in the cache: pull, list, verify, remove
  parapet review <verb>           the review queue: list, show, claim, skip, decide, undo, stats, export, …
  parapet erase                   one person's text, from the review queue
  parapet calibrate               what reviewers' decisions say of a policy's thresholds
  parapet records <verb>          the decision records: verify, replay, explain, and their keys
  parapet policy <verb>           check a policy, print it as JSON, print its JSON Schema
  parapet plan                    what a change of policy would do to recorded decisions
  parapet serve                   the guard as a web server, for other languages and gateways
  parapet doctor                  what is installed, what is missing, and the line that mends it
  parapet export-kserve           an encoder as a model repository of Triton, OpenVINO or MLServer
  parapet conformance             what gets past a guard: a gateway's, or Parapet's own
  parapet fit                     the direction along which a chat model refuses, found and written to a file
  parapet direction <verb>        a direction file: inspect it, verify that it belongs to a model

  parapet <command> --help        a command's own options
  parapet --version               the version
  --json                          JSON instead of tables, everywhere
  --debug                         the stack of an error

Exit status: 0 done, 1 failed, 2 called wrongly; check: 10 held, 11 blocked.`

/** By its marker, as `isParapetError` does: the command line must be able to report that the sdk is missing. */
function codeOf(error: unknown): string | undefined {
  const marked = error as { readonly code?: unknown; readonly [key: symbol]: unknown }
  if (!(error instanceof Error) || marked[Symbol.for('parapet.error')] !== true) return undefined
  return String(marked.code)
}

/** The error and what caused it, one a line. The message of an error that is not ours may quote what was read. */
function describe(error: unknown): string[] {
  const code = codeOf(error)
  if (code === undefined) {
    const kind = error instanceof Error ? error.name : typeof error
    const system = (error as { readonly code?: unknown } | undefined)?.code
    const what = typeof system === 'string' && /^[A-Z0-9_]+$/.test(system) ? `${kind}, ${system}` : kind
    return [`PARAPET_CLI_UNEXPECTED: ${UNEXPECTED.PARAPET_CLI_UNEXPECTED} (${what}) ${UNEXPECTED_HINT}`]
  }
  const { message, cause } = error as Error
  const inner = codeOf(cause) === undefined ? [] : describe(cause)
  return [`${code}: ${message}`, ...inner.map((line) => `  because of ${line}`)]
}

async function report(error: unknown, debug: boolean, { stderr }: Streams): Promise<number> {
  for (const line of describe(error)) await print(stderr, line)
  if (debug && error instanceof Error) await print(stderr, error.stack ?? '')
  return codeOf(error) === 'PARAPET_CLI_USAGE' ? EXIT.usage : EXIT.failed
}

/** What was asked of the command line itself. Behind `--` everything is a text. */
function askedFor(args: readonly string[], ...options: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).some((argument) => options.includes(argument))
}

async function version(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

async function runCommand(name: string, args: readonly string[], streams: Streams): Promise<number> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load) {
    await print(streams.stderr, 'PARAPET_CLI_USAGE: There is no such command. See: parapet --help')
    return EXIT.usage
  }
  try {
    const { command } = await load()
    if (!askedFor(args, '--help', '-h')) return await command.run(args, streams)
    await print(streams.stdout, command.help)
    return EXIT.ok
  } catch (error) {
    return report(error, askedFor(args, '--debug'), streams)
  }
}

/** Runs the command line; resolves to the exit status. A reader that goes away (`| head`) is no fault. */
export async function run(args: readonly string[], streams: Streams = process): Promise<number> {
  for (const stream of [streams.stdout, streams.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.ok)
      throw error
    })
  const [name = '', ...rest] = args
  if (name === 'help' && rest[0] !== undefined) return runCommand(rest[0], ['--help'], streams)
  if (name === '--version' || name === '-v') await print(streams.stdout, await version())
  else if (name === 'help' || name === '--help' || name === '-h') await print(streams.stdout, HELP)
  else if (name !== '') return runCommand(name, rest, streams)
  else {
    await print(streams.stderr, HELP)
    return EXIT.usage
  }
  return EXIT.ok
}
