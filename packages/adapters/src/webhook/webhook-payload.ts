import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'
import { REVIEW_NOTICE_TYPES, type ReviewNotice } from '../notice/review-notice.ts'

const code = z.string().min(1).max(512)
/** Open to members that a later release adds. */
const payload = z.object({
  type: z.enum(REVIEW_NOTICE_TYPES),
  timestamp: z.iso.datetime(),
  data: z.object({
    itemId: code,
    tenant: code,
    kind: z.enum(['input', 'output', 'audit']),
    appeals: code.optional(),
    sequence: z.int().min(1),
    outcome: code.optional(),
    team: code.optional(),
  }),
})

/** The body of a notice's webhook. */
export function toPayload({ id: _, type, at, ...data }: ReviewNotice): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
}

/** The notice in a webhook's body. @throws PARAPET_WEBHOOK_MALFORMED */
export function fromPayload(id: string, body: string): ReviewNotice {
  const checked = payload.safeParse(parse(body))
  if (!checked.success) {
    throw adapterError('PARAPET_WEBHOOK_MALFORMED', { problem: 'its body is no notice of a review queue' })
  }
  const { type, timestamp, data } = checked.data
  const { outcome, team, appeals, ...rest } = data
  const more = {
    ...(outcome !== undefined && { outcome }),
    ...(team !== undefined && { team }),
    ...(appeals !== undefined && { appeals }),
  }
  return { id, type, at: Date.parse(timestamp), ...rest, ...more }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
