import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'
import {
  type NoticeTarget,
  REVIEW_NOTICE_TYPES,
  type ReviewNotice,
  type ReviewNoticeType,
} from '../notice/review-notice.ts'
import { deliveryFault } from './delivery-fault.ts'
import { post } from './post.ts'
import { signWebhook } from './sign-webhook.ts'
import { isLoopbackAddress, isPublicAddress } from './target-address.ts'
import { webhookKeys } from './webhook-keys.ts'
import { toPayload } from './webhook-payload.ts'

/** What is told unless the options say otherwise: what nobody can change any more. */
const DEFAULT_TYPES: readonly ReviewNoticeType[] = ['review.approved', 'review.rejected', 'review.expired']
const DEFAULT_TIMEOUT_MS = 15_000

/** Where webhooks go, and how they are signed. */
export interface WebhookTargetOptions {
  /** Names it: 1 to 64 letters, digits, `_` or `-`. Keep it: what was not delivered yet is filed under it. */
  readonly id: string
  /** An https URL on the public internet, without user name, password and fragment. */
  readonly url: string
  /** 1 to 5 secrets, as `newWebhookSecret` makes them; every webhook is signed under each. */
  readonly secrets: readonly string[]
  /** @default approved, rejected and expired */
  readonly types?: readonly ReviewNoticeType[]
  /** Where a target with a new id begins: at the log's first entry, or with what comes from now on. @default 'start' */
  readonly from?: 'start' | 'now'
  /** Whether it is told of audits, too: they held nothing, and there is nothing to resume. @default false */
  readonly audits?: boolean
  /** How long a receiver may take, from name to answer, in milliseconds, in [100, 60_000]. @default 15_000 */
  readonly timeoutMs?: number
  /** Lets the URL be one of this machine, over http too: for development and tests. @default false */
  readonly allowLoopback?: boolean
  /** The clock, in milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number
}

const schema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, "_" or "-"'),
  url: z.string(),
  secrets: z.array(z.string()),
  types: z
    .array(z.enum(REVIEW_NOTICE_TYPES))
    .min(1)
    .default([...DEFAULT_TYPES]),
  from: z.enum(['start', 'now']).default('start'),
  audits: z.boolean().default(false),
  timeoutMs: z.int().min(100).max(60_000).default(DEFAULT_TIMEOUT_MS),
  allowLoopback: z.boolean().default(false),
  now: z.custom<() => number>((value) => typeof value === 'function').default(() => Date.now),
})

/**
 * Somewhere that notices of a review queue go as signed webhooks (Standard Webhooks). Delivers to the public internet alone:
 * the address is checked as the connection is made, and redirects are failures.
 * @throws PARAPET_ADAPTER_OPTIONS
 */
export function webhookTarget(options: WebhookTargetOptions): NoticeTarget {
  const checked = schema.safeParse(options)
  if (!checked.success)
    throw optionsError(checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`))
  const { id, secrets, types, from, audits, timeoutMs, allowLoopback, now } = checked.data
  webhookKeys('webhookTarget', secrets)
  const url = targetUrl(checked.data.url, allowLoopback)
  const isAllowed = (address: string) =>
    allowLoopback && isLoopbackAddress(address) ? true : url.protocol === 'https:' && isPublicAddress(address)
  return {
    id,
    types,
    from,
    audits,
    deliver: async (notice: ReviewNotice) => {
      const body = toPayload(notice)
      const content = { id: notice.id, timestamp: Math.floor(now() / 1_000), body }
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'parapet-webhook/1',
        ...signWebhook(content, { secrets }),
      }
      const fault = await post({ url, headers, body, timeoutMs, isAllowed }).then(
        (status) => deliveryFault({ status }),
        (error: unknown) => deliveryFault({ error }),
      )
      if (fault) throw fault
    },
  }
}

function targetUrl(text: string, allowLoopback: boolean): URL {
  const url = URL.parse(text)
  const plain = allowLoopback && url?.protocol === 'http:'
  if (!url || (url.protocol !== 'https:' && !plain)) throw optionsError(['url: expected an https URL'])
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw optionsError(['url: expected no user name, password or fragment'])
  }
  return url
}

function optionsError(problems: readonly string[]): Error {
  return adapterError('PARAPET_ADAPTER_OPTIONS', { adapter: 'webhookTarget', problems })
}
