import type { ReviewEvent } from '@parapet/sdk'
import { wholeNumber } from '../../command.ts'
import { table } from '../../output/table.ts'
import { answer, optional, type Verb } from './call.ts'

/** An entry of the log as a row of a table. */
function eventRow(event: ReviewEvent): (string | number)[] {
  const detail = Object.entries(event.detail).map(([name, value]) => `${name} ${value}`)
  return [
    event.sequence,
    new Date(event.at).toISOString(),
    event.kind,
    event.itemId,
    event.actor,
    detail.join(', '),
  ]
}

/** The queue's log, of everything or of one item. */
export const events: Verb = async (call) => {
  const { queue, id, values } = call
  const { after } = values
  const found = await queue.events({
    limit: wholeNumber('review', 'limit', values.limit ?? '50', 500),
    ...(after === undefined ? {} : { after: wholeNumber('review', 'after', after, 2 ** 50) }),
    ...optional('itemId', id),
    ...optional('tenant', values.tenant),
  })
  return answer(call, found, () =>
    found.length === 0
      ? 'No events.'
      : table(['no.', 'at', 'what', 'item', 'who', 'detail'], found.map(eventRow)),
  )
}
