import { createReadStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { cliError } from '../errors/codes.ts'

/** The lines' source: a file, or standard input. @throws PARAPET_CLI_INPUT_MISSING */
export async function openInput(
  path: string | undefined,
  stdin: NodeJS.ReadableStream,
): Promise<AsyncIterable<Uint8Array | string>> {
  if (path === undefined || path === '-') return stdin
  try {
    await access(path, constants.R_OK)
  } catch (cause) {
    const fault = (cause as NodeJS.ErrnoException).code ?? 'unreadable'
    throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault }, { cause })
  }
  return createReadStream(path)
}
