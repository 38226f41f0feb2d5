import { readFile } from 'node:fs/promises'
import { parseServerKeys, type ServerKey } from '@parapet/adapters/server'
import { cliError } from '../../errors/codes.ts'

/**
 * The keys of a file, else those in PARAPET_SERVER_KEYS, else none. Never those of the command line, which every user of
 * the machine can read.
 * @throws PARAPET_CLI_INPUT_MISSING, PARAPET_SERVER_KEYS_INVALID
 */
export async function readServerKeys(path: string | undefined): Promise<ServerKey[]> {
  if (path === undefined) return parseServerKeys(process.env['PARAPET_SERVER_KEYS'] ?? '')
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault: cause.code ?? 'unknown' }, { cause })
  })
  const keys = parseServerKeys(text)
  // Whoever names a file means to have keys: an empty one would open the server to all of this machine.
  if (keys.length === 0) throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault: 'no keys in it' })
  return keys
}
