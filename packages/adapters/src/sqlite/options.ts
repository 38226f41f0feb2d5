import { DEFAULT_LEASE_MS, DEFAULT_MAX_ITEM_BYTES, problemsOf, queueError } from '@parapet/sdk'
import { z } from 'zod'

/** How a SQLite queue is set up. */
export interface SqliteQueueOptions {
  /** How long a claim lasts that names no `leaseMs` of its own, in milliseconds, in [1, 86_400_000]. @default 600_000 */
  readonly leaseMs?: number
  /**
   * How often a waiting call looks for decisions made by other processes, in milliseconds, in [10, 60_000].
   * Nothing is polled while nobody waits. @default 200
   */
  readonly pollMs?: number
  /** The most calls that one transaction holds, in [1, 4_096]. @default 256 */
  readonly maxBatch?: number
  /** How long a transaction waits for another process to finish its own, in milliseconds, in [0, 60_000]. @default 5_000 */
  readonly busyTimeoutMs?: number
  /** The most the database file may grow to, in bytes, at least 131_072. @default no bound */
  readonly maxBytes?: number
  /** The most bytes that an item may have, as JSON in UTF-8, in [1_024, 67_108_864]. @default 8_388_608 */
  readonly maxItemBytes?: number
  /** The reasons that reviewers may give: 1 to 500 short codes. @default any short code */
  readonly reasons?: readonly string[]
  /** The clock, in milliseconds since the epoch; for tests. @default Date.now */
  readonly now?: () => number
}

/** What a SQLite queue does when it is told nothing. */
export const DEFAULT_SQLITE_QUEUE_OPTIONS = {
  leaseMs: DEFAULT_LEASE_MS,
  maxItemBytes: DEFAULT_MAX_ITEM_BYTES,
  pollMs: 200,
  maxBatch: 256,
  busyTimeoutMs: 5_000,
} as const

const schema = z.strictObject({
  leaseMs: z.int().min(1).max(86_400_000).default(DEFAULT_SQLITE_QUEUE_OPTIONS.leaseMs),
  pollMs: z.int().min(10).max(60_000).default(DEFAULT_SQLITE_QUEUE_OPTIONS.pollMs),
  maxBatch: z.int().min(1).max(4_096).default(DEFAULT_SQLITE_QUEUE_OPTIONS.maxBatch),
  busyTimeoutMs: z.int().min(0).max(60_000).default(DEFAULT_SQLITE_QUEUE_OPTIONS.busyTimeoutMs),
  maxBytes: z.int().min(131_072).optional(),
  maxItemBytes: z.int().min(1_024).max(67_108_864).default(DEFAULT_SQLITE_QUEUE_OPTIONS.maxItemBytes),
  reasons: z
    .array(z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'expected short codes'))
    .min(1)
    .max(500)
    .optional(),
  now: z.custom<() => number>((value) => typeof value === 'function', 'expected a function').optional(),
})

/**
 * The options with their defaults.
 * @throws PARAPET_QUEUE_OPTIONS for unknown keys and values out of range
 */
export function resolveSqliteQueueOptions(path: unknown, options: unknown) {
  // An in-memory or temporary database would be private to its thread and gone with it: memoryQueue says so openly.
  const isFile = typeof path === 'string' && path !== '' && path !== ':memory:' && !path.includes('\0')
  const checked = schema.safeParse(options)
  const problems = [
    ...(isFile ? [] : ['path: expected the path of a file (for one in memory, use memoryQueue)']),
    ...(checked.success ? [] : problemsOf(checked.error)),
  ]
  if (!isFile || !checked.success) throw queueError('PARAPET_QUEUE_OPTIONS', { problems })
  const { maxBytes, reasons, now = Date.now, ...rest } = checked.data
  return { ...rest, path, maxBytes, reasons, now }
}
