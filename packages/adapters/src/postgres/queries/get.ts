import type { ReviewInput, StoredItem } from '@parapet/sdk'
import type { PostgresConnection } from '../driver.ts'
import { itemQueries } from '../item-queries.ts'
import { toPlacedItem } from '../item-row.ts'

/** Reads an item. */
export async function get(
  connection: PostgresConnection,
  schema: string,
  { id, tenant }: ReviewInput<'get'>,
): Promise<StoredItem | undefined> {
  const [row] = await connection.query(itemQueries(schema).get, [id, tenant ?? null])
  return row && toPlacedItem(row).item
}
