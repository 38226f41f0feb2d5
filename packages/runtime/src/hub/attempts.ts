import { DelegateBackoff, handleWhen, retry } from 'cockatiel'
import { fault } from '../errors/codes.ts'
import { isRuntimeError } from '../errors/runtime-error.ts'
import type { ResolvedHub } from './hub-options.ts'

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 15_000
/** So much has to come for a broken connection to count as one that works. */
const PROGRESS_BYTES = 1024 * 1024

/**
 * Does work that talks to a hub, again where its fault may pass: the network, 5xx, 429. Waits double and are scattered,
 * and are no shorter than the hub asks for.
 * @param received bytes that the work has received so far: a download that goes on is not given up
 * @throws what the last attempt threw; `PARAPET_RUNTIME_ABORTED`
 */
export async function inAttempts<Result>(
  { attempts, signal }: Pick<ResolvedHub, 'attempts' | 'signal'>,
  work: () => Promise<Result>,
  received: () => number = () => 0,
): Promise<Result> {
  let failures = 0
  let counted = 0
  const again = retry(
    handleWhen((error) => {
      if (received() - counted >= PROGRESS_BYTES) failures = 0
      counted = received()
      failures += 1
      return isRuntimeError(error) && error.retryable && failures < attempts && !signal.aborted
    }),
    {
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: new DelegateBackoff(({ result }) =>
        delayOf(failures, 'error' in result ? result.error : undefined),
      ),
    },
  )
  try {
    return await again.execute(work, signal)
  } catch (error) {
    if (signal.aborted) throw fault('PARAPET_RUNTIME_ABORTED', {}, { cause: signal.reason })
    throw error
  }
}

function delayOf(failures: number, error: unknown): number {
  const scattered = FIRST_DELAY_MS * 2 ** (failures - 1) * (0.5 + Math.random() / 2)
  const asked = (error as { retryAfterMs?: number } | undefined)?.retryAfterMs ?? 0
  return Math.max(Math.min(scattered, LONGEST_DELAY_MS), asked)
}
