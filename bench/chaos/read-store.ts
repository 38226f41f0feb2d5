import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { digestOf, type SentMessages } from './digest-of.ts'

/** An item as its rows say it. */
export interface StoredItem {
  readonly key: string
  readonly state: string
  /** The outcomes that stand, in the order in which they were given. */
  readonly outcomes: readonly string[]
  /** Of its text; undefined when there is none. */
  readonly digest: string | undefined
  /** How often its log says that it was decided. */
  readonly decisions: number
}

export type StoredItems = ReadonlyMap<string, StoredItem>

interface Row {
  readonly id: string
  readonly state: string
  readonly document: string
  readonly content: string | null
  readonly decisions: number
}

/** Everything that a queue's tables hold, by plain SQL: nothing of the queue's own code can make it look better than it is. */
export async function readStore(place: string): Promise<StoredItems> {
  const rows = place.startsWith('postgres') ? await postgresRows(place) : sqliteRows(place)
  return new Map(rows.map((row) => [row.id, stored(row)]))
}

function sqliteRows(path: string): readonly Row[] {
  const database = new DatabaseSync(path)
  try {
    const rows = database
      .prepare(
        `SELECT id, state, document, content,
           (SELECT count(*) FROM review_event WHERE item = review_item.seq AND kind = 'decided') AS decisions
         FROM review_item LEFT JOIN review_text USING (seq)`,
      )
      .all()
    return rows as unknown as readonly Row[]
  } finally {
    database.close()
  }
}

async function postgresRows(url: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Row>(
      `SELECT id, state, entry AS document, content::json ->> 'contentJson' AS content,
         (SELECT count(*)::int FROM parapet.review_event WHERE item_id = review_item.id AND kind = 'decided') AS decisions
       FROM parapet.review_item LEFT JOIN parapet.review_text USING (seq)`,
    )
    return rows
  } finally {
    await client.end()
  }
}

function stored({ state, document, content, decisions }: Row): StoredItem {
  const { key, given = [] } = JSON.parse(document) as {
    key: string
    given?: readonly { readonly outcome: string }[]
  }
  const sent = content === null ? undefined : (JSON.parse(content) as { readonly messages: SentMessages })
  return {
    key,
    state,
    outcomes: given.map(({ outcome }) => outcome),
    digest: sent && digestOf(sent.messages),
    decisions,
  }
}
