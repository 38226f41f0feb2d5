import { sdkError } from '../errors/codes.ts'
import type { ReviewItem } from '../review/review-item.ts'
import type { ReviewQueue } from '../review/review-queue.ts'
import type { RequestContext } from '../subject/subject.ts'

/**
 * The item behind a ticket: where the end user appealed, the appeal's. A ticket of another tenant or person is as unknown as
 * one that was made up, and an audit held nothing.
 * @throws PARAPET_TICKET_UNKNOWN
 */
export async function findHeld(
  queue: ReviewQueue,
  ticket: unknown,
  { tenant, subjectKey }: Pick<RequestContext, 'tenant' | 'subjectKey'>,
): Promise<ReviewItem> {
  // What comes in from outside may be anything; what cannot be an id is the id of nothing.
  const named = typeof ticket === 'string' && /^[\x21-\x7e]{1,512}$/.test(ticket)
  const item = named ? await queue.get(ticket, tenant === undefined ? {} : { tenant }) : undefined
  const isTheirs =
    item &&
    item.kind !== 'audit' &&
    (subjectKey ?? item.subjectKey ?? '') === (item.subjectKey ?? subjectKey ?? '')
  if (!isTheirs) throw sdkError('PARAPET_TICKET_UNKNOWN', undefined)
  return (
    (item.appealedBy === undefined ? undefined : await queue.get(item.appealedBy, { tenant: item.tenant })) ??
    item
  )
}
