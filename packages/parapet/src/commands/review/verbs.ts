import type { SqliteQueue } from '@parapet/adapters/sqlite'
import { REVIEW_STATES, type ReviewItem, type ReviewState } from '@parapet/sdk'
import { type Streams, usage, wholeNumber } from '../../command.ts'
import { cliError } from '../../errors/codes.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { fields, table } from '../../output/table.ts'
import { describeItem, due } from './describe-item.ts'

/** The options of `parapet review`, as they were given. */
export interface ReviewValues {
  readonly json: boolean
  readonly tenant?: string | undefined
  readonly state?: string | undefined
  readonly limit: string
  readonly after?: string | undefined
  readonly approve: boolean
  readonly reject: boolean
  readonly reason?: string | undefined
  readonly note?: string | undefined
}

/** What one verb is called with. */
interface Call {
  readonly queue: SqliteQueue
  readonly reviewer: string
  readonly id: string | undefined
  readonly values: ReviewValues
  readonly streams: Streams
}

const optional = <Key extends string>(key: Key, value: string | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, string>>

function needId({ id }: Call): string {
  if (id === undefined) throw usage('review', 'The id of an item is needed.')
  return id
}

/** Prints a value as JSON, or described. */
async function answer({ values, streams }: Call, value: unknown, description: () => string): Promise<number> {
  await print(streams.stdout, values.json ? JSON.stringify(value) : description())
  return EXIT.ok
}

const answerItem = (call: Call, item: ReviewItem) => answer(call, item, () => describeItem(item))

async function list(call: Call): Promise<number> {
  const { queue, values } = call
  const { state, limit, after, tenant } = values
  if (state !== undefined && !REVIEW_STATES.includes(state as ReviewState))
    throw usage('review', `--state is one of ${REVIEW_STATES.join(', ')}.`)
  const page = await queue.list({
    states: state === undefined ? ['open', 'claimed'] : [state as ReviewState],
    limit: wholeNumber('review', 'limit', limit, 500),
    ...optional('after', after),
    ...optional('tenant', tenant),
  })
  return answer(call, page, () => {
    if (page.items.length === 0) return 'No items.'
    const rows = page.items.map((item) => [
      item.id,
      item.kind,
      item.claim ? `${item.state} by ${item.claim.reviewer}` : item.state,
      item.tenant,
      due(item),
      item.otherwise ?? 'nothing',
      [...new Set(item.reasons.map(({ detector }) => detector))].join(', '),
    ])
    const more = page.next === undefined ? '' : `\n\nThere are more: --after ${page.next}`
    return `${table(['item', 'kind', 'state', 'tenant', 'due', 'then', 'because of'], rows)}${more}`
  })
}

async function show(call: Call): Promise<number> {
  const item = await call.queue.view({ id: needId(call), reviewer: call.reviewer })
  if (!item) throw cliError('PARAPET_CLI_ITEM_UNKNOWN', undefined)
  return answerItem(call, item)
}

async function claim(call: Call): Promise<number> {
  const { queue, reviewer, id, values, streams } = call
  const claimed = await queue.claim({ reviewer, ...optional('id', id), ...optional('tenant', values.tenant) })
  if (claimed) return answerItem(call, claimed.item)
  await print(streams.stderr, 'Nothing is open.')
  return EXIT.failed
}

async function release(call: Call): Promise<number> {
  const { queue, reviewer, values } = call
  const id = needId(call)
  const item = await queue.get(id)
  if (item?.claim?.reviewer !== reviewer) throw cliError('PARAPET_CLI_ITEM_UNKNOWN', undefined)
  await queue.release({ id, token: item.claim.token, ...optional('reason', values.reason) })
  return answer(call, { id, state: 'open' }, () => `${id} open`)
}

async function decide(call: Call): Promise<number> {
  const { queue, reviewer, values } = call
  if (values.approve === values.reject) throw usage('review', 'decide takes --approve or --reject.')
  const id = needId(call)
  // A claim of the same reviewer is found again under its token, so that each step can be a command of its own.
  const claimed = await queue.claim({ reviewer, id })
  if (!claimed) throw cliError('PARAPET_CLI_ITEM_UNKNOWN', undefined)
  const item = await queue.decide({
    id,
    token: claimed.token,
    outcome: values.approve ? 'approve' : 'reject',
    ...optional('reason', values.reason),
    ...optional('note', values.note),
  })
  return answer(call, item, () => `${item.id} ${item.state}`)
}

async function events(call: Call): Promise<number> {
  const { queue, id, values } = call
  const after =
    values.after === undefined ? {} : { after: wholeNumber('review', 'after', values.after, 2 ** 50) }
  const found = await queue.events({
    limit: wholeNumber('review', 'limit', values.limit, 500),
    ...after,
    ...optional('itemId', id),
    ...optional('tenant', values.tenant),
  })
  return answer(call, found, () => {
    const rows = found.map((event) => [
      event.sequence,
      new Date(event.at).toISOString(),
      event.kind,
      event.itemId,
      event.actor,
      Object.entries(event.detail)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    ])
    return rows.length === 0 ? 'No events.' : table(['no.', 'at', 'what', 'item', 'who', 'detail'], rows)
  })
}

async function verify(call: Call): Promise<number> {
  const check = await call.queue.verifyLog()
  await answer(call, check, () => fields(Object.entries(check).map(([name, value]) => [name, String(value)])))
  return check.brokenAt === undefined ? EXIT.ok : EXIT.failed
}

/** Every verb of `parapet review`. */
export const VERBS: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  list,
  show,
  claim,
  release,
  decide,
  events,
  verify,
}
