import type { ReviewEvent, ReviewItem } from '@parapet/sdk'
import type { ReviewNotice, ReviewNoticeType } from '../notice/review-notice.ts'

/** An entry of the log with its hash, which names it and no other in any queue. */
export type HashedEvent = ReviewEvent & { readonly hash: string }

/** What a notice says of the item that an entry is about. */
export type NoticedItem = Pick<ReviewItem, 'kind' | 'appeals'>

/** What an entry of the log is told as; undefined for what is nobody's business. */
export function noticeOf(event: HashedEvent, { kind, appeals }: NoticedItem): ReviewNotice | undefined {
  const type = typeOf(event)
  if (type === undefined) return undefined
  const { itemId, tenant, sequence, at, detail, hash } = event
  const outcome = detail['outcome'] ?? detail['otherwise']
  const { team } = detail
  return {
    id: `msg_${hash.slice(0, 32)}`,
    type,
    at,
    itemId,
    tenant,
    kind,
    ...(appeals !== undefined && { appeals }),
    sequence,
    ...(typeof outcome === 'string' && { outcome }),
    ...(typeof team === 'string' && { team }),
  }
}

function typeOf({ kind, detail }: ReviewEvent): ReviewNoticeType | undefined {
  switch (kind) {
    case 'enqueued':
      return 'review.enqueued'
    case 'escalated':
      return 'review.escalated'
    case 'expired':
      return 'review.expired'
    case 'decided':
      // One that can be undone is told when it takes effect.
      return detail['effectAt'] === undefined ? settledType(detail) : undefined
    case 'effected':
      return settledType(detail)
    default:
      return undefined
  }
}

function settledType({ outcome }: ReviewEvent['detail']): ReviewNoticeType {
  return outcome === 'reject' ? 'review.rejected' : 'review.approved'
}
