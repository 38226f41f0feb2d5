import type { ReviewDatabase } from '../review-database.ts'

/**
 * Which of the items are settled. `PRAGMA data_version` moves when another connection commits; while it stands still,
 * this one has told its waiters already, and nothing is looked up.
 */
export function settled(database: ReviewDatabase, ids: readonly string[]): readonly string[] {
  const version = database.statement('PRAGMA data_version').get()?.['data_version'] as number
  if (version === database.seenVersion) return []
  const rows = database
    .statement(
      `SELECT id FROM review_item
       WHERE id IN (SELECT value FROM json_each(?)) AND state IN ('approved', 'rejected', 'expired')`,
    )
    .all(JSON.stringify(ids))
  database.noteVersion(version)
  return rows.map((row) => row['id'] as string)
}
