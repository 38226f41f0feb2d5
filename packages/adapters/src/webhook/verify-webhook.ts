import { timingSafeEqual } from 'node:crypto'
import { adapterError } from '../errors/codes.ts'
import type { ReviewNotice } from '../notice/review-notice.ts'
import type { ReplayWindow, WebhookProgress } from './replay-window.ts'
import { signature } from './signature.ts'
import { webhookKeys } from './webhook-keys.ts'
import { fromPayload } from './webhook-payload.ts'

/** How old, or how far ahead, a webhook may be, in seconds. */
const DEFAULT_TOLERANCE_SECONDS = 300
/** More signatures than secrets can be in use: a header with more is there to cost time. */
const MOST_SIGNATURES = 16

/** A webhook as it was received: the headers of a `Request` or of Node, and the body as it came, before any parsing. */
export interface ReceivedWebhook {
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string | Uint8Array
}

/** How a webhook is verified. */
export interface VerifyWebhookOptions {
  /** Every secret that may be in use: while one is replaced, the old and the new. */
  readonly secrets: readonly string[]
  /** How old, or how far ahead, it may be, in seconds, in [1, 3_600]. @default 300 */
  readonly toleranceSeconds?: number
  /** Remembers what came already, so that it is not acted on again. */
  readonly replays?: ReplayWindow
  /** The clock, in milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number
}

/** A webhook that is what it says. */
export interface VerifiedWebhook {
  readonly notice: ReviewNotice
  /**
   * `new`: act on it, then tell the window that it is `done`, or to `forget` it where that failed. `working`: it came before
   * and nobody knows yet how that ends; answer 503, so that it is sent again. `done`: answer as if it had worked, and do
   * nothing. Always `new` without `replays`.
   */
  readonly progress: WebhookProgress
}

/**
 * Verifies a webhook by Standard Webhooks. Ask it before you act on anything in the body.
 * @throws PARAPET_WEBHOOK_MALFORMED, PARAPET_WEBHOOK_STALE, PARAPET_WEBHOOK_FORGED; PARAPET_ADAPTER_OPTIONS
 */
export async function verifyWebhook(
  received: ReceivedWebhook,
  options: VerifyWebhookOptions,
): Promise<VerifiedWebhook> {
  const { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, replays, now = Date.now } = options
  if (!(toleranceSeconds >= 1 && toleranceSeconds <= 3_600)) {
    const problems = ['toleranceSeconds: expected 1 to 3600']
    throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter: 'verifyWebhook', problems })
  }
  const keys = webhookKeys('verifyWebhook', options.secrets)
  const id = header(received, 'webhook-id')
  const timestamp = seconds(header(received, 'webhook-timestamp'))
  const signatures = header(received, 'webhook-signature').split(' ').slice(0, MOST_SIGNATURES)
  const offBySeconds = Math.round(now() / 1_000) - timestamp
  if (Math.abs(offBySeconds) > toleranceSeconds) {
    throw adapterError('PARAPET_WEBHOOK_STALE', { offBySeconds, toleranceSeconds })
  }
  const body = textOf(received.body)
  const fits = keys.some((key) => {
    const expected = Buffer.from(`v1,${signature({ id, timestamp, body }, key)}`)
    return signatures.some((given) => isSame(Buffer.from(given), expected))
  })
  if (!fits) throw adapterError('PARAPET_WEBHOOK_FORGED', undefined)
  const notice = fromPayload(id, body)
  const until = (timestamp + toleranceSeconds) * 1_000
  return { notice, progress: replays ? await replays.begin(id, until) : 'new' }
}

function header({ headers }: ReceivedWebhook, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : namedValue(headers, name)
  if (typeof value === 'string' && value !== '') return value
  throw adapterError('PARAPET_WEBHOOK_MALFORMED', { problem: `it has no header ${name}` })
}

function namedValue(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): unknown {
  const [, value] = Object.entries(headers).find(([key]) => key.toLowerCase() === name) ?? []
  return value
}

function seconds(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw adapterError('PARAPET_WEBHOOK_MALFORMED', { problem: 'its timestamp is not a number of seconds' })
}

function textOf(body: string | Uint8Array): string {
  if (typeof body === 'string') return body
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    throw adapterError('PARAPET_WEBHOOK_MALFORMED', { problem: 'its body is not UTF-8' })
  }
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
