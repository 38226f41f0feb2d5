/** The most items that one transaction lets fall due. */
export const MOST_DUE = 500

/** The queries on items, for one schema. Each gives `order`, `id` and `entry`. */
export function itemQueries(schema: string) {
  const columns = 'seq::float8 AS "order", id, entry'
  const items = `${schema}.review_item`
  const first = 'ORDER BY rank, deadline_rank, seq LIMIT 1 FOR UPDATE SKIP LOCKED'
  // What is due at $3 by now was in somebody's hands when this group took what was due: theirs to see to.
  const open = `SELECT ${columns} FROM ${items}
    WHERE state = 'open' AND NOT ($1 = ANY(excluded)) AND NOT (id = ANY($2)) AND due_at > $3`
  return {
    /**
     * What a group of calls names, waited for in the order of arrival, and what is due, unless somebody is at it.
     * Named first: what waits holds nothing yet.
     */
    lock: `WITH named AS MATERIALIZED (
        SELECT ${columns} FROM ${items} WHERE id = ANY($1) OR key_digest = ANY($2) ORDER BY seq FOR UPDATE
      ), due AS MATERIALIZED (
        SELECT ${columns} FROM ${items} WHERE due_at <= $3 ORDER BY due_at, seq LIMIT ${MOST_DUE} FOR UPDATE SKIP LOCKED
      )
      SELECT * FROM named UNION SELECT * FROM due`,
    /** What is due, waited for: somebody else is at it, and a reader must not see it as it was. */
    lockDue: `SELECT ${columns} FROM ${items} WHERE due_at <= $1 ORDER BY seq LIMIT ${MOST_DUE} FOR UPDATE`,
    isDue: `SELECT 1 FROM ${items} WHERE due_at <= $1 LIMIT 1`,
    nextDue: `SELECT min(due_at)::float8 AS due FROM ${items} WHERE due_at IS NOT NULL`,
    /** By itself and after the lock: a join would pair a row as it is now with its text as it was before the wait. */
    text: `SELECT seq::float8 AS "order", content FROM ${schema}.review_text WHERE seq = ANY($1::bigint[])`,
    open: `${open} ${first}`,
    openOfTenant: `${open} AND tenant = $4 ${first}`,
    openOfTeam: `${open} AND team = $4 ${first}`,
    openOfTenantAndTeam: `${open} AND tenant = $4 AND team = $5 ${first}`,
    ofSubject: `SELECT ${columns} FROM ${items}
      WHERE subject_digest = $1 AND EXISTS (SELECT 1 FROM ${schema}.review_text text WHERE text.seq = review_item.seq)
      ORDER BY review_item.seq FOR UPDATE OF review_item`,
    /** For readers, who lock nothing: one statement, one moment. */
    get: `SELECT seq::float8 AS "order", entry, content
      FROM ${items} LEFT JOIN ${schema}.review_text USING (seq) WHERE id = $1`,
  } as const
}

export type ItemQueries = ReturnType<typeof itemQueries>
