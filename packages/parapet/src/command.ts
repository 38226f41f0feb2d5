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
export const COMMON_OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  debug: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options']

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
  } catch (cause) {
    const problem =
      cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : 'The arguments cannot be read'
    throw usage(command, `${problem}.`)
  }
}

/** A call that is wrong. */
export function usage(command: string, problem: string): Error {
  return cliError('PARAPET_CLI_USAGE', { command, problem })
}

/** Writes a line, and waits where the reader is slow. */
export async function print(stream: NodeJS.WritableStream, line: string): Promise<void> {
  if (!stream.write(`${line}\n`)) await new Promise<void>((resolve) => stream.once('drain', () => resolve()))
}

/** Reads an option that is a whole number from 1 to `most`. @throws PARAPET_CLI_USAGE */
export function wholeNumber(command: string, option: string, value: string, most: number): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw usage(command, `--${option} takes a whole number from 1 to ${most}.`)
  return number
}
