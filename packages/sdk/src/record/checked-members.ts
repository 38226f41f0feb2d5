import { MAX_LINE_BYTES, type Members, membersOf } from './chain.ts'
import type { RecordBody } from './decision-record.ts'
import { recordError } from './errors.ts'
import { firstIssue, recordBodySchema } from './record-schema.ts'

/** What a part takes in a line at least: refuses what is far too large before time is spent on it. */
const LEAST_PART_BYTES = 140

/**
 * A body's members, once they are known to fit the schema: what is written can be read back, and holds no text.
 * @throws PARAPET_RECORD_INVALID, PARAPET_RECORD_TOO_LARGE
 */
export function checkedMembers(body: RecordBody): Members {
  const parts = (body as { parts?: { length?: unknown } } | null)?.parts?.length
  const least = typeof parts === 'number' ? parts * LEAST_PART_BYTES : 0
  if (least > MAX_LINE_BYTES)
    throw recordError('PARAPET_RECORD_TOO_LARGE', { bytes: least, maxBytes: MAX_LINE_BYTES })
  const result = recordBodySchema.safeParse(body)
  if (!result.success) throw recordError('PARAPET_RECORD_INVALID', { issue: firstIssue(result.error) })
  let members: Members
  try {
    members = membersOf(body)
  } catch (cause) {
    throw recordError('PARAPET_RECORD_INVALID', { issue: 'it holds what JSON cannot carry' }, { cause })
  }
  // The schema's maps do not look at this key, so anything could stand behind it.
  if (members.some(([, json]) => json.includes('"__proto__":')))
    throw recordError('PARAPET_RECORD_INVALID', { issue: 'it has a key named __proto__' })
  return members
}
