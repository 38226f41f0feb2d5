import type { Guard } from '@parapet/sdk'
import { guardedFetch } from '../openai-wire/guarded-fetch.ts'
import type { ResolvedServerOptions } from './options.ts'
import { upstreamFetch } from './upstream-fetch.ts'

/** Asks the upstream for a path behind its base URL, guarded on the way there and back. */
export type GuardedUpstream = (path: string, init: RequestInit) => Promise<Response>

/** Makes the way to the upstream; undefined where there is none. */
export function guardedUpstream(guard: Guard, options: ResolvedServerOptions): GuardedUpstream | undefined {
  const { upstream, systemMessages, maxBodyBytes: maxRequestBytes, onFault: onShadowFault } = options
  if (!upstream) return undefined
  const { maxAnswerBytes, timeoutMs } = upstream
  const base = upstream.url.replace(/\/+$/, '')
  const fetch = guardedFetch(guard, upstreamFetch(timeoutMs), {
    maxRequestBytes,
    maxAnswerBytes,
    systemMessages,
    // The fetch beneath ends each pause after `timeoutMs`.
    stallMs: 2 ** 31 - 1,
    onShadowFault,
  })
  return (path, init) => fetch(`${base}${path}`, init)
}
