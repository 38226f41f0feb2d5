import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const PACKAGE = join(import.meta.dirname, '..')
const MAIN = join(PACKAGE, 'src/main.ts')

/** How a call of the command ended. */
export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** What it reads from standard input. @default nothing */
  readonly input?: string | Iterable<string>
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string>>
  /** For Node itself. */
  readonly nodeArguments?: readonly string[]
  /** The file that is run. @default the sources of the command */
  readonly main?: string
}

/** Variables of the machine that would change what the command does. */
const FOREIGN = /^(PARAPET_|NODE_OPTIONS$|FORCE_COLOR$)/

/** Starts the command on its sources, as a process of its own. */
export function startParapet(args: readonly string[], options: RunOptions = {}) {
  const { cwd = PACKAGE, environment = {}, nodeArguments = [], main = MAIN } = options
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name))
  return spawn(process.execPath, ['--conditions=@parapet/source', ...nodeArguments, main, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Runs the command to its end. */
export async function runParapet(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = startParapet(args, options)
  const [stdout, stderr, ended] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<Pick<Ended, 'status' | 'signal'>>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status, signal) => resolve({ status, signal }))
    }),
    feed(child.stdin, options.input ?? ''),
  ])
  return { ...ended, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}

/** Writes as fast as it is read. A command that ends before it has read everything is no fault of the writer. */
async function feed(stdin: Writable, input: string | Iterable<string>): Promise<void> {
  const pieces = typeof input === 'string' ? [input] : input
  await pipeline(Readable.from(pieces), stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

/** JSON lines out of values. */
export const jsonLines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')

/** The values of JSON lines. */
export const parseLines = <Value = Record<string, unknown>>(text: string): Value[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Value)
