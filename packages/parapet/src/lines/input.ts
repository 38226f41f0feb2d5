import { createReadStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { cliError } from '../errors/codes.ts'

const unreadable = (path: string, cause: unknown): Error => {
  const fault = (cause as NodeJS.ErrnoException).code ?? 'unreadable'
  return cliError('PARAPET_CLI_INPUT_MISSING', { path, fault }, { cause })
}

/**
 * The bytes of a file, or of standard input. Nothing is read ahead of who asks for it.
 * @throws PARAPET_CLI_INPUT_MISSING, also in mid-stream
 */
export async function openInput(
  path: string | undefined,
  stdin: NodeJS.ReadableStream,
): Promise<AsyncIterable<Uint8Array | string>> {
  const isStdin = path === undefined || path === '-'
  const name = isStdin ? 'standard input' : path
  if (!isStdin)
    await access(path, constants.R_OK).catch((cause: unknown) => {
      throw unreadable(name, cause)
    })
  return readChunks(name, isStdin ? stdin : createReadStream(path))
}

async function* readChunks(
  name: string,
  stream: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string> {
  try {
    for await (const chunk of stream) yield chunk
  } catch (cause) {
    throw unreadable(name, cause)
  }
}
