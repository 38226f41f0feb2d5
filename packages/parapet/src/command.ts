import { type ParseArgsConfig, parseArgs } from 'node:util'
import { cliError } from './errors/codes.ts'

/** Where a command reads and writes. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
}

/** One command: its help as one block, and what it does. Resolves to the exit status. */
export interface Command {
  readonly help: string
  run(args: readonly string[], streams: Streams): Promise<number>
}

/** Options that every command takes. */
const COMMON_OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  debug: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options']

/** Only what looks like an option is named: the rest may be a text that was meant to be judged. */
const OPTION_NAME = /'(--?[a-zA-Z][a-zA-Z-]{0,31})(?: <value>)?'/

function problemOf(error: unknown): string {
  const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string }
  const [, name] = OPTION_NAME.exec(message) ?? []
  const option = name === undefined ? 'an option' : `the option ${name}`
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
    return `This command does not know ${option}. A text that begins with - goes behind --.`
  if (message.includes('does not take')) return `No value belongs to ${option}.`
  return `A value is missing for ${option}.`
}

/** Parses a command's arguments. @throws PARAPET_CLI_USAGE for unknown options and missing values */
export function parse<const Options extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...COMMON_OPTIONS, ...options },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    throw usage(command, problemOf(error))
  }
}

/** A call that is wrong. */
export function usage(command: string, problem: string): Error {
  return cliError('PARAPET_CLI_USAGE', { command, problem })
}

/** Reads an option that is a whole number from 1 to `most`. @throws PARAPET_CLI_USAGE */
export function wholeNumber(command: string, option: string, value: string, most: number): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw usage(command, `--${option} takes a whole number from 1 to ${most}.`)
  return number
}

/** Refuses more positional arguments than a command has use for. @throws PARAPET_CLI_USAGE */
export function atMost(command: string, positionals: readonly string[], most: number): void {
  if (positionals.length > most)
    throw usage(command, `${positionals.length} arguments were given; at most ${most} belong here.`)
}
