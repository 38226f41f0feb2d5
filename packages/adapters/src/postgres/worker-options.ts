import { problemsOf, queueError } from '@parapet/sdk'
import { z } from 'zod'
import type { NoticeTarget } from '../notice/review-notice.ts'
import { DEFAULT_POSTGRES_QUEUE_OPTIONS } from './options.ts'
import { SCHEMA_NAME } from './schema-name.ts'

/** How a review worker is set up. */
export interface ReviewWorkerOptions {
  /** The queue's schema; jobs are kept in the schema `<schema>_jobs`. @default 'parapet' */
  readonly schema?: string
  /** Where notices go: `webhookTarget` of `@parapet/adapters/webhook`, or something of your own. @default none */
  readonly targets?: readonly NoticeTarget[]
  /** How often a delivery is tried again, in [0, 50]. @default 12, which with the delay is about five hours */
  readonly retryLimit?: number
  /** The first pause between tries, in seconds, in [1, 3_600]; each next is about twice as long. @default 5 */
  readonly retryDelaySeconds?: number
  /** How often the log and the jobs are looked at, in seconds, in [0.5, 60]. @default 1 */
  readonly pollSeconds?: number
  /** How long a statement may take, in milliseconds, in [100, 600_000]. @default 30_000 */
  readonly timeoutMs?: number
  /** Hears of what failed and will be tried again. @default a warning of the process with the error's code */
  readonly onError?: (error: Error) => void
}

const DEFAULT_RETRY_LIMIT = 12
const DEFAULT_RETRY_DELAY_SECONDS = 5
const DEFAULT_POLL_SECONDS = 1

const target = z.custom<NoticeTarget>((value) => {
  const { id, types, from, audits, deliver } = (value ?? {}) as Partial<Record<keyof NoticeTarget, unknown>>
  return (
    typeof id === 'string' &&
    /^[A-Za-z0-9_-]{1,64}$/.test(id) &&
    Array.isArray(types) &&
    (from === undefined || from === 'start' || from === 'now') &&
    (audits === undefined || typeof audits === 'boolean') &&
    typeof deliver === 'function'
  )
}, 'expected a target: { id, types, deliver }')

const schema = z.strictObject({
  schema: z.string().regex(SCHEMA_NAME).default(DEFAULT_POSTGRES_QUEUE_OPTIONS.schema),
  targets: z
    .array(target)
    .default([])
    .refine(
      (targets) => new Set(targets.map(({ id }) => id)).size === targets.length,
      'expected different ids',
    ),
  retryLimit: z.int().min(0).max(50).default(DEFAULT_RETRY_LIMIT),
  retryDelaySeconds: z.int().min(1).max(3_600).default(DEFAULT_RETRY_DELAY_SECONDS),
  pollSeconds: z.number().min(0.5).max(60).default(DEFAULT_POLL_SECONDS),
  timeoutMs: z.int().min(100).max(600_000).default(DEFAULT_POSTGRES_QUEUE_OPTIONS.timeoutMs),
  onError: z.custom<(error: Error) => void>((value) => typeof value === 'function').default(() => warn),
})

/** The options with their defaults. @throws PARAPET_QUEUE_OPTIONS */
export function resolveReviewWorkerOptions(options: unknown): z.output<typeof schema> {
  const checked = schema.safeParse(options)
  if (!checked.success) throw queueError('PARAPET_QUEUE_OPTIONS', { problems: problemsOf(checked.error) })
  return checked.data
}

/** Without the error's own text, which may be another library's. */
function warn(error: Error): void {
  const { code = error.name } = error as { code?: string }
  process.emitWarning(`The review worker failed and goes on: ${code}`, 'ReviewWorkerWarning')
}
