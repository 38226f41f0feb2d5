import { type Members, membersOf } from './chain.ts'
import type { RecordBody } from './decision-record.ts'
import { recordError } from './errors.ts'
import { firstIssue, recordBodySchema } from './record-schema.ts'

/** A body's members, once they are known to fit the schema: what is written can be read back, and holds no text. @throws PARAPET_RECORD_INVALID */
export function checkedMembers(body: RecordBody): Members {
  const result = recordBodySchema.safeParse(body)
  if (!result.success) throw recordError('PARAPET_RECORD_INVALID', { issue: firstIssue(result.error) })
  try {
    return membersOf(body)
  } catch (cause) {
    throw recordError('PARAPET_RECORD_INVALID', { issue: 'it holds what JSON cannot carry' }, { cause })
  }
}
