import type { ReviewQueue } from '@parapet/sdk'
import { z } from 'zod'
import type { SystemMessages } from '../answer/judged-roles.ts'
import { serverError } from './codes.ts'
import type { MeasurementTap } from './measurement-tap.ts'
import type { ServerKey } from './server-keys.ts'

/** The service that `/v1/chat/completions` and `/v1/responses` pass judged requests on to. */
export interface UpstreamOptions {
  /** An OpenAI-compatible base URL, e.g. `https://api.openai.com/v1`. Fixed: no request can change it, redirects are refused. */
  readonly url: string
  /** Sent to the upstream in place of what the caller sends. @default the caller's own Authorization */
  readonly key?: string
  /** The longest that it may pause, before its answer and in it, in milliseconds, in [10, 600_000]. @default 120_000 */
  readonly timeoutMs?: number
  /** The longest answer, in bytes, in [1_024, 1_073_741_824]. @default 67_108_864 (64 MiB) */
  readonly maxAnswerBytes?: number
}

/** How a guard is served. */
export interface ServerOptions {
  /** Who may call. Without any, `serve` answers this machine alone, and `createServerApp` wants `allowKeyless`. @default none */
  readonly keys?: readonly ServerKey[]
  /**
   * `createServerApp` alone: you state that nobody but this machine reaches the handler, which cannot see who calls. A Host
   * header proves nothing: a caller writes what it likes there. @default false
   */
  readonly allowKeyless?: boolean
  /** The guard's queue, asked by `/readyz` whether it can be reached. @default none */
  readonly queue?: Pick<ReviewQueue, 'get'>
  /** @default none: the routes that need one answer 404 */
  readonly upstream?: UpstreamOptions
  /**
   * What callers of `/v1/check`, `/v1/input` and `/v1/check/stream` see of a decision: all of it (for a server of yours), or
   * verdict, edits and id. @default 'decision'
   */
  readonly answers?: 'decision' | 'verdict'
  /**
   * `judge`: system and developer messages, and `instructions`, are judged as a user's, because whoever calls picks the
   * role. `trust`: they are not judged, for callers who are all your own programs. @default 'judge'
   */
  readonly systemMessages?: SystemMessages
  /** The tap that the guard's records run through, for the scores of `/v1/moderations`. @default none: only what a rule held on */
  readonly tap?: MeasurementTap
  /** The longest body, in bytes, in [1_024, 1_073_741_824]. @default 4_194_304 (4 MiB) */
  readonly maxBodyBytes?: number
  /** How long a body may take to arrive, or to pause where it streams, in milliseconds, in [10, 600_000]. @default 10_000 */
  readonly bodyTimeoutMs?: number
  /** How long a request may take, its stream and a reviewer's time included, in milliseconds, in [10, 3_600_000]. @default 600_000 */
  readonly requestTimeoutMs?: number
  /** How many requests are worked on at once; more get 429. In [1, 100_000]. @default 64 */
  readonly maxConcurrent?: number
  /**
   * How many of them one tenant may have, so that one whose requests wait long does not shut the others out; more get 429.
   * In [1, 100_000]. @default half of maxConcurrent, rounded up, where the keys have several tenants, else maxConcurrent
   */
  readonly maxConcurrentPerTenant?: number
  /** Gets each error that was answered with a status of 500 or more. @default nothing */
  readonly onFault?: (error: unknown) => void
}

/** Every option of the upstream, completed. */
export interface ResolvedUpstreamOptions extends Required<Omit<UpstreamOptions, 'key'>> {
  readonly key?: string | undefined
}

/** Every option, completed. */
export interface ResolvedServerOptions extends Required<Omit<ServerOptions, 'queue' | 'upstream' | 'tap'>> {
  readonly queue: Pick<ReviewQueue, 'get'> | undefined
  readonly upstream: ResolvedUpstreamOptions | undefined
  readonly tap: MeasurementTap | undefined
}

export const DEFAULT_UPSTREAM_OPTIONS = { timeoutMs: 120_000, maxAnswerBytes: 64 * 1024 * 1024 } as const

export const DEFAULT_SERVER_OPTIONS = {
  allowKeyless: false,
  answers: 'decision',
  systemMessages: 'judge',
  maxBodyBytes: 4 * 1024 * 1024,
  bodyTimeoutMs: 10_000,
  requestTimeoutMs: 600_000,
  maxConcurrent: 64,
} as const satisfies ServerOptions

const having = (name: string) =>
  z.custom<never>(
    (value) => typeof (value as Record<string, unknown> | null)?.[name] === 'function',
    `it has no ${name}()`,
  )
const text = z.string().min(1)

function isUpstreamUrl(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, username, password, search, hash } = new URL(url)
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '')
}

const schema = z.strictObject({
  keys: z
    .array(z.object({ tenant: text, key: text.min(24, 'a key has at least 24 characters') }))
    .default([]),
  allowKeyless: z.boolean().default(DEFAULT_SERVER_OPTIONS.allowKeyless),
  queue: having('get').optional(),
  upstream: z
    .strictObject({
      url: z.string().refine(isUpstreamUrl, 'expected an http or https URL without user, query and fragment'),
      key: text.optional(),
      timeoutMs: z.int().min(10).max(600_000).default(DEFAULT_UPSTREAM_OPTIONS.timeoutMs),
      maxAnswerBytes: z.int().min(1_024).max(1_073_741_824).default(DEFAULT_UPSTREAM_OPTIONS.maxAnswerBytes),
    })
    .optional(),
  answers: z.enum(['decision', 'verdict']).default(DEFAULT_SERVER_OPTIONS.answers),
  systemMessages: z.enum(['judge', 'trust']).default(DEFAULT_SERVER_OPTIONS.systemMessages),
  tap: having('collect').optional(),
  maxBodyBytes: z.int().min(1_024).max(1_073_741_824).default(DEFAULT_SERVER_OPTIONS.maxBodyBytes),
  bodyTimeoutMs: z.int().min(10).max(600_000).default(DEFAULT_SERVER_OPTIONS.bodyTimeoutMs),
  requestTimeoutMs: z.int().min(10).max(3_600_000).default(DEFAULT_SERVER_OPTIONS.requestTimeoutMs),
  maxConcurrent: z.int().min(1).max(100_000).default(DEFAULT_SERVER_OPTIONS.maxConcurrent),
  maxConcurrentPerTenant: z.int().min(1).max(100_000).optional(),
  onFault: z
    .custom<(error: unknown) => void>((value) => typeof value === 'function', 'expected a function')
    .default(() => () => undefined),
})

/** Checks and completes the options. @throws PARAPET_SERVER_OPTIONS with every mistake */
export function resolveServerOptions(options: ServerOptions): ResolvedServerOptions {
  const checked = schema.safeParse(options)
  if (!checked.success)
    throw serverError('PARAPET_SERVER_OPTIONS', {
      problems: checked.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`),
    })
  if (checked.data.keys.length === 0 && !checked.data.allowKeyless)
    throw serverError('PARAPET_SERVER_OPTIONS', {
      problems: [
        'keys: without any, everybody who reaches the handler is let in; give keys, or allowKeyless: true',
      ],
    })
  const { keys = [], queue, tap } = options
  const { upstream, maxConcurrent } = checked.data
  const several = new Set(keys.map(({ tenant }) => tenant)).size > 1
  const { maxConcurrentPerTenant = several ? Math.ceil(maxConcurrent / 2) : maxConcurrent } = checked.data
  return { ...checked.data, maxConcurrentPerTenant, upstream, keys, queue, tap }
}
