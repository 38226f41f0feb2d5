import { fault } from '../errors/codes.ts'
import type { TextDelta } from './decoder-model.ts'
import type { LoadSpecification, RequestResult, RequestWork } from './protocol.ts'
import type { RequestOptions } from './reading.ts'

/** A request on its way through a host. */
export interface HostJob {
  readonly id: number
  readonly specification: LoadSpecification
  readonly work: RequestWork
  readonly promise: Promise<RequestResult>
  state: 'queued' | 'running' | 'settled'
  /** Whether the host has said that it works on it. */
  begun: boolean
  /** Hosts that it was handed to. */
  handings: number
  /** Whether whoever asked has left. */
  left: boolean
  delta(delta: TextDelta): void
  resolve(result: RequestResult): void
  reject(error: unknown): void
}

export function makeJob(
  id: number,
  specification: LoadSpecification,
  work: RequestWork,
  delta: (delta: TextDelta) => void = () => {},
): HostJob {
  const { promise, resolve, reject } = Promise.withResolvers<RequestResult>()
  return {
    id,
    specification,
    work,
    promise,
    state: 'queued',
    begun: false,
    handings: 0,
    left: false,
    delta,
    resolve,
    reject,
  }
}

/**
 * Waits for a job within a budget and until a signal; whoever stops waiting calls `leave`.
 * @throws `PARAPET_RUNTIME_DEADLINE`, `PARAPET_RUNTIME_ABORTED`, `PARAPET_RUNTIME_REQUEST_INVALID`
 */
export async function waitFor<Result>(
  promise: Promise<Result>,
  options: RequestOptions & { readonly state: () => HostJob['state']; readonly leave: () => void },
): Promise<Result> {
  const { signal, budgetMs, state, leave } = options
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = (error: Error) => {
    // In this order: leaving may settle the job itself.
    reject(error)
    leave()
  }
  const abort = () => stop(fault('PARAPET_RUNTIME_ABORTED', {}, { cause: signal?.reason }))
  const timer =
    budgetMs === undefined
      ? undefined
      : setTimeout(
          () =>
            stop(
              fault('PARAPET_RUNTIME_DEADLINE', {
                budgetMs,
                state: state() === 'queued' ? 'queued' : 'running',
              }),
            ),
          Math.min(budgetMs, LONGEST_TIMER_MS),
        )
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    return await Promise.race([promise, stopped])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** Node's timers overflow behind this. */
const LONGEST_TIMER_MS = 2_147_483_647

/** Checks what every request may carry. @throws `PARAPET_RUNTIME_REQUEST_INVALID` */
export function checkRequestOptions({ budgetMs }: RequestOptions): void {
  if (budgetMs === undefined || (Number.isFinite(budgetMs) && budgetMs > 0)) return
  throw fault('PARAPET_RUNTIME_REQUEST_INVALID', {
    field: 'budgetMs',
    received: String(budgetMs),
    expected: 'a number of milliseconds above 0',
  })
}
