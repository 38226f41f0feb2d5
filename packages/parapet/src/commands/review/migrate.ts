import { sqliteSchema } from '@parapet/adapters/sqlite'
import { fields } from '../../output/table.ts'
import { answer, type Verb } from './call.ts'

/** Brings the queue to the newest schema, or says what that would take (`--dry-run`). */
export const migrate: Verb = async (call) => {
  const { path, queue, values } = call
  const before = sqliteSchema(path)
  // Every call opens the file, and an older one is migrated when it is opened.
  if (!values['dry-run']) await queue.count()
  const after = values['dry-run'] ? before : sqliteSchema(path)
  const pending = before.pending.join(', ') || 'none'
  return answer(call, { from: before.version, to: after.version, steps: before.pending }, () =>
    fields([
      ['schema before', before.version],
      [values['dry-run'] ? 'steps to take' : 'steps taken', pending],
      ['schema now', after.version],
    ]),
  )
}
