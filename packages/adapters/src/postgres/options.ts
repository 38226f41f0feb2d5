import { DEFAULT_LEASE_MS, DEFAULT_MAX_ITEM_BYTES, problemsOf, queueError } from '@parapet/sdk'
import { z } from 'zod'
import { SCHEMA_NAME } from './schema-name.ts'

/** How a PostgreSQL queue is set up. */
export interface PostgresQueueOptions {
  /**
   * The schema that holds the queue's tables: 1 to 40 lower-case letters, digits and `_`. Made when it is not there.
   * @default 'parapet'
   */
  readonly schema?: string
  /** How long a claim lasts that names no `leaseMs` of its own, in milliseconds, in [1, 86_400_000]. @default 600_000 */
  readonly leaseMs?: number
  /**
   * How often a waiting call looks by itself, in milliseconds, in [10, 60_000]: a floor under notifications, which
   * tell it at once. Nothing is polled while nobody waits. @default 1_000
   */
  readonly pollMs?: number
  /** The most calls that one transaction holds, in [1, 4_096]. @default 256 */
  readonly maxBatch?: number
  /** How long a statement waits for another transaction's lock, in milliseconds, in [1, 60_000]. @default 5_000 */
  readonly busyTimeoutMs?: number
  /**
   * How long the server may work on a statement, and this side waits for its answer, in milliseconds, in
   * [100, 600_000]. @default 30_000
   */
  readonly timeoutMs?: number
  /**
   * How far the caller's clock may be from the server's, in milliseconds, from 1_000 up: beyond it no call is made, since
   * deadlines go by the caller's clock. @default 60_000
   */
  readonly maxClockSkewMs?: number
  /** The most bytes that an item may have, as JSON in UTF-8, in [1_024, 67_108_864]. @default 8_388_608 */
  readonly maxItemBytes?: number
  /** The reasons that reviewers may give: short codes. @default any short code */
  readonly reasons?: readonly string[]
  /** The clock, in milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number
}

/** What a PostgreSQL queue does when it is told nothing. */
export const DEFAULT_POSTGRES_QUEUE_OPTIONS = {
  schema: 'parapet',
  leaseMs: DEFAULT_LEASE_MS,
  pollMs: 1_000,
  maxBatch: 256,
  busyTimeoutMs: 5_000,
  timeoutMs: 30_000,
  maxClockSkewMs: 60_000,
  maxItemBytes: DEFAULT_MAX_ITEM_BYTES,
} as const

const DEFAULTS = DEFAULT_POSTGRES_QUEUE_OPTIONS

const schema = z.strictObject({
  schema: z
    .string()
    .regex(SCHEMA_NAME, 'expected 1 to 40 lower-case letters, digits and "_", no digit first')
    .default(DEFAULTS.schema),
  leaseMs: z.int().min(1).max(86_400_000).default(DEFAULTS.leaseMs),
  pollMs: z.int().min(10).max(60_000).default(DEFAULTS.pollMs),
  maxBatch: z.int().min(1).max(4_096).default(DEFAULTS.maxBatch),
  busyTimeoutMs: z.int().min(1).max(60_000).default(DEFAULTS.busyTimeoutMs),
  timeoutMs: z.int().min(100).max(600_000).default(DEFAULTS.timeoutMs),
  maxClockSkewMs: z.int().min(1_000).default(DEFAULTS.maxClockSkewMs),
  maxItemBytes: z.int().min(1_024).max(67_108_864).default(DEFAULTS.maxItemBytes),
  reasons: z.array(z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'expected a short code')).optional(),
  now: z
    .custom<() => number>((value) => typeof value === 'function', 'expected a function')
    .default(() => Date.now),
})

/** The options with their defaults. @throws PARAPET_QUEUE_OPTIONS for unknown keys and values out of range */
export function resolvePostgresQueueOptions(options: unknown): z.output<typeof schema> {
  const checked = schema.safeParse(options)
  if (!checked.success) throw queueError('PARAPET_QUEUE_OPTIONS', { problems: problemsOf(checked.error) })
  return checked.data
}
