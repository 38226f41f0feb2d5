import { readFile, stat } from 'node:fs/promises'
import { type DirectionFile, parseDirectionFile } from '@parapet/detectors/direction'
import { cliError } from '../../errors/codes.ts'

const MAX_BYTES = 64 * 1024 * 1024

/** Reads a direction file, which may be hostile. @throws PARAPET_CLI_INPUT_MISSING, PARAPET_DETECTOR_DIRECTION_INVALID */
export async function readDirectionFile(path: string): Promise<DirectionFile> {
  let bytes: Uint8Array
  try {
    const { size } = await stat(path)
    if (size > MAX_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' })
    bytes = await readFile(path)
  } catch (cause) {
    const fault = (cause as NodeJS.ErrnoException).code ?? 'unreadable'
    throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault }, { cause })
  }
  return parseDirectionFile(bytes, 'unknown')
}
