import { z } from 'zod'
import { recordError } from './errors.ts'
import type { RecordKeys } from './record-keys.ts'

/** Where and how a sink of JSON lines writes. Give `path` or `directory`. */
export interface JsonLinesOptions {
  /** One file, e.g. `audit.jsonl`; full, it is followed by `audit.000001.jsonl`. Several processes may share it. */
  readonly path?: string
  /** A folder in which each process writes files of its own: the better choice for many processes. */
  readonly directory?: string
  /** Seals each record, so that the chain cannot be written anew without the key. */
  readonly keys?: RecordKeys
  /**
   * When an append resolves. `always`: once the disk has it, so that it survives a power cut. `interval`: once the
   * system has it, so that it survives the process; the disk follows within `fsyncIntervalMs`.
   * @default 'always'
   */
  readonly fsync?: 'always' | 'interval'
  /** 10 to 60,000 milliseconds. @default 1_000 */
  readonly fsyncIntervalMs?: number
  /** The size at which the next file is begun, in bytes, at least 4,096. @default 134_217_728 (128 MiB) */
  readonly maxBytes?: number
  /** How many records may wait in memory; more are refused (`PARAPET_RECORD_BACKLOG`). 1 to 1,000,000. @default 10_000 */
  readonly maxPending?: number
  /** Milliseconds since the epoch, for tests. @default Date.now */
  readonly now?: () => number
}

export const DEFAULT_JSON_LINES_OPTIONS = Object.freeze({
  fsync: 'always',
  fsyncIntervalMs: 1_000,
  maxBytes: 128 * 1024 * 1024,
  maxPending: 10_000,
  now: Date.now,
} as const)

const schema = z
  .strictObject({
    path: z.string().min(1).optional(),
    directory: z.string().min(1).optional(),
    keys: z
      .custom<RecordKeys>((value) => typeof (value as RecordKeys | null)?.find === 'function')
      .optional(),
    fsync: z.enum(['always', 'interval']).default('always'),
    fsyncIntervalMs: z.int().min(10).max(60_000).default(DEFAULT_JSON_LINES_OPTIONS.fsyncIntervalMs),
    maxBytes: z.int().min(4_096).default(DEFAULT_JSON_LINES_OPTIONS.maxBytes),
    maxPending: z.int().min(1).max(1_000_000).default(DEFAULT_JSON_LINES_OPTIONS.maxPending),
    now: z.custom<() => number>((value) => typeof value === 'function').default(() => Date.now),
  })
  .refine(({ path, directory }) => (path === undefined) !== (directory === undefined), {
    message: 'give either path or directory',
  })

export type ResolvedJsonLinesOptions = z.infer<typeof schema>

/** @throws PARAPET_RECORD_OPTIONS_INVALID with every mistake */
export function resolveJsonLinesOptions(options: JsonLinesOptions): ResolvedJsonLinesOptions {
  const result = schema.safeParse(options)
  if (result.success) return result.data
  const issue = result.error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ')
  throw recordError('PARAPET_RECORD_OPTIONS_INVALID', { issue })
}
