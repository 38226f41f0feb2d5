import { PassThrough, Readable } from 'node:stream'
import { run } from '../src/cli.ts'
import type { Ended } from './run-parapet.ts'

/** Calls the command in this process: for calls that end before there is anything to do, of which there are many. */
export async function callParapet(args: readonly string[]): Promise<Omit<Ended, 'signal'>> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const texts = Promise.all([stdout.toArray(), stderr.toArray()])
  const status = await run(args, { stdin: Readable.from([]), stdout, stderr })
  stdout.end()
  stderr.end()
  const [out, error] = await texts
  return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(error).toString() }
}
