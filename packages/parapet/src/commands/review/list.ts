import { REVIEW_STATES, type ReviewState } from '@parapet/sdk'
import { usage, wholeNumber } from '../../command.ts'
import { table } from '../../output/table.ts'
import { answer, optional, placeOf, type Verb } from './call.ts'
import { due } from './describe-item.ts'

/** Items in the order in which they are handed out. */
export const list: Verb = async (call) => {
  const { queue, values } = call
  const { state, limit, after } = values
  if (state !== undefined && !REVIEW_STATES.includes(state as ReviewState))
    throw usage('review', `--state is one of ${REVIEW_STATES.join(', ')}.`)
  const page = await queue.list({
    content: false,
    states: state === undefined ? ['open', 'claimed'] : [state as ReviewState],
    limit: wholeNumber('review', 'limit', limit ?? '50', 500),
    ...optional('after', after),
    ...placeOf(values),
  })
  // Text is for `show`, which logs who saw it.
  const items = page.items.map(({ content: _, ...item }) => item)
  return answer(call, { ...page, items }, () => {
    if (page.items.length === 0) return 'No items.'
    const rows = page.items.map((item) => [
      item.id,
      item.kind,
      item.claim ? `${item.state} by ${item.claim.reviewer}` : item.state,
      item.tenant,
      item.team,
      due(item),
      item.otherwise ?? 'nothing',
      [...new Set(item.reasons.map(({ detector }) => detector))].join(', '),
    ])
    const more = page.next === undefined ? '' : `\n\nThere are more: --after ${page.next}`
    const header = ['item', 'kind', 'state', 'tenant', 'team', 'due', 'then', 'because of']
    return `${table(header, rows)}${more}`
  })
}
