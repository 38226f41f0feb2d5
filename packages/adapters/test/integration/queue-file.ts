import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenQueue } from '@parapet/sdk/testing'
import { type SqliteQueue, type SqliteQueueOptions, sqliteQueue } from '../../src/sqlite/index.ts'

/** A folder for databases of one test. */
export function queueFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'parapet-queue-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A queue on a file of its own, with a second connection to it on demand. */
export async function openSqliteQueue(
  options: SqliteQueueOptions,
): Promise<OpenQueue & { readonly file: string }> {
  const folder = queueFolder()
  const file = join(folder.path, 'review.db')
  const handles: SqliteQueue[] = []
  const open = () => {
    const queue = sqliteQueue(file, { pollMs: 20, ...options })
    handles.push(queue)
    return queue
  }
  return {
    file,
    queue: open(),
    another: async () => open(),
    dispose: async () => {
      await Promise.all(handles.map((queue) => queue.close()))
      folder.remove()
    },
  }
}
