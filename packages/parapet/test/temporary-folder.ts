import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'

/** A folder that is gone when the file's tests are. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
