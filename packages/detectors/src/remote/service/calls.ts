import { isParapetError } from '@parapet/sdk'
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  type IRetryBackoffContext,
  retry,
  TimeoutStrategy,
  timeout,
} from 'cockatiel'
import { fault } from '../../errors/codes.ts'
import type { RemoteOptions } from './remote-options.ts'
import { createSlots } from './slots.ts'

/** Calls to one service: tried again, limited in number and time, and not made at all while the service is down. */
export interface RemoteCalls {
  /**
   * Makes a call. `attempt` is given a signal that aborts at its timeout, or when the caller goes away.
   * @throws what the last attempt threw; `PARAPET_REMOTE_TIMEOUT`, `…_CIRCUIT_OPEN`, `…_OVERLOADED`,
   *   `PARAPET_DETECTOR_ABORTED`
   */
  call<Result>(attempt: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal): Promise<Result>
}

/** A service that asks to be left alone for longer is not waited for: the budget would be gone. */
const MOST_RETRY_DELAY_MS = 2_000
const FIRST_RETRY_DELAY_MS = 100

/** The same call may be answered a moment later. */
const RETRIED = [
  'PARAPET_REMOTE_UNREACHABLE',
  'PARAPET_REMOTE_TIMEOUT',
  'PARAPET_REMOTE_RATE_LIMITED',
  'PARAPET_REMOTE_UNAVAILABLE',
]
/**
 * The service is down or refuses us, whatever the text. What a text alone can bring about (a 422, a verdict out of
 * form) is not among them: nobody shall shut a detector off for others by what he writes.
 */
const OPENING = [
  ...RETRIED,
  'PARAPET_REMOTE_UNAUTHORIZED',
  'PARAPET_REMOTE_REDIRECTED',
  'PARAPET_REMOTE_CONTENT_TYPE',
]

const codeOf = (error: unknown): string => (isParapetError(error) ? error.code : '')

/** How long the service asked us to wait, in milliseconds. */
const retryAfterOf = (error: unknown): number =>
  (error as { readonly retryAfterMs?: number } | undefined)?.retryAfterMs ?? 0

/** A call that outlived the stage's budget: the service was too slow. Somebody who merely went away says nothing of it. */
const outOfTime = (error: unknown): boolean =>
  codeOf(error) === 'PARAPET_DETECTOR_ABORTED' &&
  ((error as Error).cause as { readonly name?: unknown } | undefined)?.name === 'TimeoutError'

const isWorthAnother = (error: unknown): boolean =>
  RETRIED.includes(codeOf(error)) && retryAfterOf(error) <= MOST_RETRY_DELAY_MS

/** Doubled each time and scattered, and never shorter than the service asked for. */
function delayOf({ attempt, result }: IRetryBackoffContext<unknown>): number {
  const scattered = FIRST_RETRY_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2)
  const asked = 'error' in result ? retryAfterOf(result.error) : 0
  return Math.min(MOST_RETRY_DELAY_MS, Math.max(scattered, asked))
}

/** Makes the calls of one loaded detector. */
export function createCalls(detector: string, options: Required<RemoteOptions>): RemoteCalls {
  const { timeoutMs, attempts, circuitFailures, circuitOpenMs } = options
  const slots = createSlots(detector, options)
  const limit = timeout(timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false })
  const unknownYet = ['PARAPET_DETECTOR_ABORTED', 'PARAPET_REMOTE_OVERLOADED']
  const breaker: CircuitBreakerPolicy = circuitBreaker(
    handleWhen(
      (error) =>
        OPENING.includes(codeOf(error)) ||
        outOfTime(error) ||
        // The one call on trial has to be answered: cockatiel takes every other error for a success.
        (breaker.state === CircuitState.HalfOpen && unknownYet.includes(codeOf(error))),
    ),
    { halfOpenAfter: circuitOpenMs, breaker: new ConsecutiveBreaker(circuitFailures) },
  )
  // The attempt that opened the circuit is the last one, and its fault is the one to tell of.
  const again = retry(
    handleWhen((error) => isWorthAnother(error) && breaker.state === CircuitState.Closed),
    { maxAttempts: attempts - 1, backoff: new DelegateBackoff(delayOf) },
  )
  const circuitOpen = () => fault('PARAPET_REMOTE_CIRCUIT_OPEN', { detector, circuitOpenMs })

  async function inTime<Result>(
    attempt: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    let limited: AbortSignal | undefined
    try {
      return await limit.execute((context) => {
        limited = context.signal
        return attempt(context.signal)
      }, signal)
    } catch (cause) {
      if (signal.aborted) throw fault('PARAPET_DETECTOR_ABORTED', { detector }, { cause: signal.reason })
      if (limited?.aborted) throw fault('PARAPET_REMOTE_TIMEOUT', { detector, timeoutMs })
      throw cause
    }
  }

  async function once<Result>(
    attempt: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    // While one call is on trial cockatiel lets the others wait for its end; they shall fail at once.
    if (breaker.state === CircuitState.HalfOpen) throw circuitOpen()
    try {
      return await breaker.execute(() => slots.use(() => inTime(attempt, signal), signal))
    } catch (error) {
      throw error instanceof BrokenCircuitError ? circuitOpen() : error
    }
  }

  return {
    call: (attempt, signal) => again.execute(() => once(attempt, signal), signal),
  }
}
