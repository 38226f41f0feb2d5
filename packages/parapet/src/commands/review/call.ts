import { queueError, type ReviewItem } from '@parapet/sdk'
import { type Streams, usage } from '../../command.ts'
import { cliError } from '../../errors/codes.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { describeItem } from './describe-item.ts'
import type { OpenedQueue } from './open-queue.ts'

/** The options of `parapet review`, as they were given. */
export interface ReviewValues {
  readonly json: boolean
  readonly tenant?: string | undefined
  readonly team?: string | undefined
  readonly state?: string | undefined
  readonly limit?: string | undefined
  readonly after?: string | undefined
  readonly approve: boolean
  readonly reject: boolean
  readonly edit?: string | undefined
  readonly answer?: string | undefined
  readonly reason?: string | undefined
  readonly note?: string | undefined
  readonly token?: string | undefined
  readonly format?: string | undefined
  readonly text: boolean
  readonly 'dry-run': boolean
  readonly 'trust-reviewers': boolean
}

/** What one verb is called with. */
export interface Call extends OpenedQueue {
  readonly reviewer: string
  /** What stands behind the verb: an item's id, or a file. */
  readonly id: string | undefined
  readonly values: ReviewValues
  readonly streams: Streams
}

/** A verb of `parapet review`. Resolves to the exit status. */
export type Verb = (call: Call) => Promise<number>

/** A member that is there only where its value is. */
export const optional = <Key extends string>(key: Key, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, string>>

/** Whose items, and for whom. */
export const placeOf = ({ tenant, team }: ReviewValues) => ({
  ...optional('tenant', tenant),
  ...optional('team', team),
})

/** The item's id, and the tenant that it must be of, if one was named. @throws PARAPET_CLI_USAGE */
export function namedItem({ id, values: { tenant } }: Call) {
  if (id === undefined) throw usage('review', 'The id of an item is needed.')
  return { id, ...optional('tenant', tenant) }
}

/** What to say of an item that is not there: where a tenant was named, as the queue itself says it. */
export function unknownItem({ values: { tenant } }: Call): Error {
  return tenant === undefined
    ? cliError('PARAPET_CLI_ITEM_UNKNOWN', undefined)
    : queueError('PARAPET_QUEUE_NOT_FOUND', { call: 'get' })
}

/** Prints a value as JSON, or described. */
export async function answer(
  { values, streams }: Call,
  value: unknown,
  description: () => string,
): Promise<number> {
  await print(streams.stdout, values.json ? JSON.stringify(value) : description())
  return EXIT.ok
}

/** Prints an item. */
export const answerItem = (call: Call, item: ReviewItem): Promise<number> =>
  answer(call, item, () => describeItem(item))
