import { fields } from '../../output/table.ts'
import { answer, type Verb } from './call.ts'

/** Brings the queue to the newest schema, or says what that would take (`--dry-run`). */
export const migrate: Verb = async (call) => {
  const { queue, schema, values } = call
  const before = await schema()
  // Every call opens the queue, and an older one is migrated when it is opened.
  if (!values['dry-run']) await queue.count()
  const after = values['dry-run'] ? before : await schema()
  const pending = before.pending.join(', ') || 'none'
  return answer(call, { from: before.version, to: after.version, steps: before.pending }, () =>
    fields([
      ['schema before', before.version],
      [values['dry-run'] ? 'steps to take' : 'steps taken', pending],
      ['schema now', after.version],
    ]),
  )
}
