import { randomBytes } from 'node:crypto'
import type { Policy } from '../policy/policy.ts'
import type { RecordSink } from '../record/decision-record.ts'
import type { ReviewQueue } from '../review/review-queue.ts'

/** What a guard is made of. */
export interface GuardOptions {
  readonly policy: Policy
  /** Where held and audited content goes. Required when the policy asks for a review. */
  readonly queue?: ReviewQueue
  /** Where decision records go, each stored before its decision is acted on. @default none */
  readonly records?: RecordSink
  /**
   * The key of the digests that stand for texts in records: at least 16 bytes. Share it between machines to compare
   * their records. @default random, for as long as the guard lives
   */
  readonly digestKey?: Uint8Array
  /** How many measurements are remembered, so that a conversation is not judged anew each turn; 0 for none. @default 10_000 */
  readonly memoEntries?: number
  /** How long detectors may take to load, in milliseconds. @default 120_000 */
  readonly loadTimeoutMs?: number
  /** How many parts of one request are measured side by side, at least 1. @default 4 */
  readonly concurrency?: number
  /** How long stored texts and records are kept, in milliseconds. @default 30 days */
  readonly retentionMs?: number
}

/** Every option, completed. */
export interface ResolvedGuardOptions extends Required<Omit<GuardOptions, 'queue' | 'records'>> {
  readonly queue: ReviewQueue | undefined
  readonly records: RecordSink | undefined
}

export const DEFAULT_GUARD_OPTIONS = {
  memoEntries: 10_000,
  loadTimeoutMs: 120_000,
  concurrency: 4,
  retentionMs: 30 * 24 * 3_600_000,
} as const

/** Completes the options. */
export function resolveGuardOptions(options: GuardOptions): ResolvedGuardOptions {
  return {
    ...DEFAULT_GUARD_OPTIONS,
    ...options,
    queue: options.queue,
    records: options.records,
    digestKey: options.digestKey ?? randomBytes(32),
  }
}
