import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { sdkError } from '../errors/codes.ts'
import type { Policy } from '../policy/policy.ts'
import type { RecordSink } from '../record/decision-record.ts'
import {
  environmentKeys,
  keyIdOf,
  LEAST_KEY_BYTES,
  type RecordKeys,
  recordKeys,
} from '../record/record-keys.ts'
import type { ReviewQueue } from '../review/review-queue.ts'
import { type ReviewRoute, reviewRoutesSchema } from '../review/review-route.ts'

/** What a guard is made of. */
export interface GuardOptions {
  readonly policy: Policy
  /** Where held and audited content goes. Required when the policy asks for a review. */
  readonly queue?: ReviewQueue
  /** Where decision records go, each stored before its decision is acted on. @default none */
  readonly records?: RecordSink
  /**
   * The keys of the digests that stand for texts in records (`fileKeys`, `environmentKeys`, `recordKeys`). Share them
   * between machines to compare their records.
   * @default those in PARAPET_RECORD_KEY, else a random one for as long as the guard lives
   */
  readonly keys?: RecordKeys
  /** How many measurements are remembered, so that a conversation is not judged anew each turn; 0 for none. @default 10_000 */
  readonly memoEntries?: number
  /** How long detectors may take to load, in milliseconds. @default 30_000 */
  readonly loadTimeoutMs?: number
  /** How many parts of one request are measured side by side, at least 1. @default 4 */
  readonly concurrency?: number
  /** How long stored texts and records are kept, in milliseconds. @default 30 days */
  readonly retentionMs?: number
  /**
   * Asks the provider beside the input rules instead of after them. Nothing of its answer leaves before the decision,
   * and a block aborts it; but the provider reads the request before it is judged. @default false
   */
  readonly speculate?: boolean
  /** How long these tenants' texts and records are kept instead, in milliseconds, at least 1. @default none */
  readonly retentionMsOfTenants?: Readonly<Record<string, number>>
  /** Who reviews what: the first route that fits an item counts. @default the team `default` reviews everything */
  readonly routes?: readonly ReviewRoute[]
}

/** Every option, completed. */
export interface ResolvedGuardOptions extends Required<Omit<GuardOptions, 'queue' | 'records'>> {
  readonly queue: ReviewQueue | undefined
  readonly records: RecordSink | undefined
}

export const DEFAULT_GUARD_OPTIONS = {
  memoEntries: 10_000,
  loadTimeoutMs: 30_000,
  concurrency: 4,
  retentionMs: 30 * 24 * 3_600_000,
  speculate: false,
  retentionMsOfTenants: {},
  routes: [],
} as const

/** How long a tenant's texts and records are kept, in milliseconds. */
export function retentionOf(
  { retentionMs, retentionMsOfTenants }: Pick<ResolvedGuardOptions, 'retentionMs' | 'retentionMsOfTenants'>,
  tenant: string,
): number {
  // By own keys: a tenant may be called `constructor`.
  return Object.hasOwn(retentionMsOfTenants, tenant)
    ? (retentionMsOfTenants[tenant] ?? retentionMs)
    : retentionMs
}

function temporaryKeys(): RecordKeys {
  const key = randomBytes(LEAST_KEY_BYTES)
  return recordKeys({ current: { id: keyIdOf(key), key } })
}

const method = (name: string) =>
  z.custom<never>(
    (value) => typeof (value as Record<string, unknown> | null)?.[name] === 'function',
    `it has no ${name}()`,
  )

const optionsSchema = z.strictObject({
  policy: z.custom<Policy>(
    (value) => typeof (value as Policy | null)?.policyHash === 'string',
    'expected what definePolicy() gives',
  ),
  queue: method('enqueue').optional(),
  records: method('append').optional(),
  keys: method('find').optional(),
  memoEntries: z.int().min(0).max(10_000_000).default(DEFAULT_GUARD_OPTIONS.memoEntries),
  loadTimeoutMs: z.int().min(1).max(3_600_000).default(DEFAULT_GUARD_OPTIONS.loadTimeoutMs),
  concurrency: z.int().min(1).max(1_000).default(DEFAULT_GUARD_OPTIONS.concurrency),
  retentionMs: z.int().min(1).default(DEFAULT_GUARD_OPTIONS.retentionMs),
  speculate: z.boolean().default(DEFAULT_GUARD_OPTIONS.speculate),
  retentionMsOfTenants: z.record(z.string().min(1).max(300), z.int().min(1)).default({}),
  routes: reviewRoutesSchema.default([]),
})

/**
 * Checks and completes the options. An option that is undefined is its default.
 * @throws PARAPET_GUARD_OPTIONS with every mistake; PARAPET_RECORD_KEY_INVALID for a malformed PARAPET_RECORD_KEY
 */
export function resolveGuardOptions(options: GuardOptions): ResolvedGuardOptions {
  const checked = optionsSchema.safeParse(options)
  if (!checked.success) {
    const problems = checked.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'options'}: ${message}`,
    )
    throw sdkError('PARAPET_GUARD_OPTIONS', { problems })
  }
  const { policy, queue, records, keys } = options
  return { ...checked.data, policy, queue, records, keys: keys ?? environmentKeys() ?? temporaryKeys() }
}
