import { readFile } from 'node:fs/promises'
import { type Head, parseHeads } from '@parapet/sdk'
import { cliError } from './errors/codes.ts'

/**
 * Heads as they were kept: a list of them, or what `records verify --json` printed.
 * @throws PARAPET_CLI_INPUT_MISSING, PARAPET_RECORD_HEADS_INVALID
 */
export async function readHeads(path: string): Promise<Head[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault: cause.code ?? 'unreadable' }, { cause })
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault: 'it is not JSON' })
  }
  const heads = Array.isArray(value) ? value : (value as { readonly heads?: unknown } | null)?.heads
  return parseHeads(heads)
}
