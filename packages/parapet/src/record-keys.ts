import { existsSync } from 'node:fs'
import { environmentKeys, fileKeys, type RecordKeys } from '@parapet/sdk'
import { cliError } from './errors/codes.ts'

/**
 * The keys that seals are checked with: those of a file, else those of the environment, else none. Never makes a file:
 * a new key would check nothing.
 * @throws PARAPET_CLI_INPUT_MISSING, PARAPET_RECORD_KEY_…
 */
export function readRecordKeys(path: string | undefined): RecordKeys | undefined {
  if (path === undefined) return environmentKeys()
  if (!existsSync(path)) throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault: 'ENOENT' })
  return fileKeys(path)
}
