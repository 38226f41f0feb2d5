import type { ReviewInput, ReviewTransactions } from '@parapet/sdk'
import type { Answer, Call } from './call.ts'
import type { PostgresConnection } from './driver.ts'
import { count } from './queries/count.ts'
import { events } from './queries/events.ts'
import { get } from './queries/get.ts'
import { list } from './queries/list.ts'
import { settled } from './queries/settled.ts'

type Read = (connection: PostgresConnection, schema: string, input: never) => Promise<unknown>

const QUERIES: Partial<Record<keyof ReviewTransactions, Read>> = {
  get,
  list,
  count,
  events,
  settled,
} satisfies {
  [Name in keyof ReviewTransactions]?: (
    connection: PostgresConnection,
    schema: string,
    input: ReviewInput<Name>,
  ) => Promise<unknown>
}

/** Answers calls that write nothing, after what was due has been put into effect. Each is one statement. */
export async function readGroup(
  connection: PostgresConnection,
  schema: string,
  calls: readonly Call[],
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (const { name, input } of calls) {
    const query = QUERIES[name]
    answers.push({ value: query && (await query(connection, schema, input as never)) })
  }
  return answers
}
