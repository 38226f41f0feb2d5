/** The most items that one transaction lets fall due. */
export const MOST_DUE = 500

/** The server's time, in milliseconds since the epoch. */
export const SERVER_CLOCK = '(extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::float8'

/** The queries on items, for one schema. Each gives `order`, `id` and `entry`, and `read`: whether the text is wanted. */
export function itemQueries(schema: string, mostDue = MOST_DUE) {
  const columns = 'seq::float8 AS "order", id, entry'
  const items = `${schema}.review_item`
  const texts = `${schema}.review_text`
  return {
    /**
     * What calls name, waited for in the order of arrival, and what is due, unless somebody is at it. Named first: who waits
     * holds nothing that is due.
     */
    lock: `WITH named AS MATERIALIZED (
        SELECT ${columns}, true AS read FROM ${items} WHERE id = ANY($1) OR key_digest = ANY($2) ORDER BY seq FOR UPDATE
      ), due AS MATERIALIZED (
        SELECT ${columns}, false AS read FROM ${items} WHERE due_at <= $3 ORDER BY due_at, seq LIMIT ${mostDue} FOR UPDATE SKIP LOCKED
      )
      SELECT * FROM named UNION ALL SELECT * FROM due WHERE id NOT IN (SELECT id FROM named)`,
    /** What is due, waited for: somebody else is at it, and a reader must not see it as it was. */
    lockDue: `SELECT ${columns}, false AS read FROM ${items} WHERE due_at <= $1 ORDER BY seq LIMIT ${mostDue} FOR UPDATE`,
    /** Not whether anything is due: without statistics, that is answered by reading every row. With the server's time. */
    nextDue: `SELECT min(due_at)::float8 AS due, ${SERVER_CLOCK} AS clock FROM ${items}`,
    /** By itself and after the lock: a join would pair a row as it is now with its text as it was before the wait. Empty for those that are not wanted ($2). */
    text: `SELECT seq::float8 AS "order", CASE WHEN seq = ANY($2::bigint[]) THEN content ELSE '' END AS content
      FROM ${texts} WHERE seq = ANY($1::bigint[])`,
    /**
     * For a reviewer ($1), or for any, beside the items that are loaded ($2). What is due by now ($3) was in somebody's hands when this
     * transaction took what was due: it is theirs to see to.
     */
    firstOpen: (filter: { readonly tenant: string | undefined; readonly team: string | undefined }) =>
      `SELECT ${columns}, true AS read FROM ${items}
      WHERE state = 'open' AND ($1::text IS NULL OR NOT ($1 = ANY(excluded))) AND NOT (id = ANY($2)) AND due_at > $3
        AND ${filter.tenant === undefined ? '$4::text IS NULL' : 'tenant = $4'}
        AND ${filter.team === undefined ? '$5::text IS NULL' : 'team = $5'}
      ORDER BY rank, deadline_rank, seq LIMIT $6::bigint FOR UPDATE SKIP LOCKED`,
    /** Beside the items that are loaded ($2). Erasing reads no text. */
    ofSubject: `SELECT ${columns}, false AS read FROM ${items} AS item
      WHERE subject_digest = $1 AND NOT (id = ANY($2))
        AND EXISTS (SELECT 1 FROM ${texts} AS stored WHERE stored.seq = item.seq)
      ORDER BY seq LIMIT $3::bigint FOR UPDATE`,
    /** For readers, who lock nothing: one statement, one moment. */
    get: `SELECT seq::float8 AS "order", id, entry, content FROM ${items} LEFT JOIN ${texts} USING (seq)
      WHERE id = $1 AND ($2::text IS NULL OR ${items}.tenant = $2)`,
  } as const
}

export type ItemQueries = ReturnType<typeof itemQueries>
