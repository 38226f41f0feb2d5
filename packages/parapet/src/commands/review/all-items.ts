import { REVIEW_STATES, type ReviewItem, type ReviewState } from '@parapet/sdk'
import { usage } from '../../command.ts'
import { type Call, placeOf } from './call.ts'

/**
 * Every item of a tenant, a team and a state, where they are named, page by page; without text, unless it is asked for.
 * @throws PARAPET_CLI_USAGE
 */
export async function* allItems(
  { queue, values }: Call,
  { content = false }: { readonly content?: boolean } = {},
): AsyncGenerator<ReviewItem> {
  const { state } = values
  if (state !== undefined && !REVIEW_STATES.includes(state as ReviewState))
    throw usage('review', `--state is one of ${REVIEW_STATES.join(', ')}.`)
  const states = state === undefined ? REVIEW_STATES : [state as ReviewState]
  for (let after: string | undefined; ; ) {
    const page = await queue.list({
      states,
      content,
      // Text may be long.
      limit: content ? 50 : 500,
      ...placeOf(values),
      ...(after === undefined ? {} : { after }),
    })
    yield* page.items
    if (page.next === undefined) return
    after = page.next
  }
}
