import type { StoredItem } from '@parapet/sdk'
import type { PostgresConnection } from '../driver.ts'
import { itemQueries } from '../item-queries.ts'
import { toPlacedItem } from '../item-row.ts'

/** Reads an item. */
export async function get(
  connection: PostgresConnection,
  schema: string,
  id: string,
): Promise<StoredItem | undefined> {
  const [row] = await connection.query(itemQueries(schema).get, [id])
  return row && toPlacedItem(row).item
}
