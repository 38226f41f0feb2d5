import { queueError } from '@parapet/sdk'
import type { Call } from './call.ts'

/**
 * Refuses calls by a clock that is far from the server's `clock`: by one that is ahead, everything would fall due and lose its
 * text; by one that is behind, nothing would. @throws PARAPET_QUEUE_CLOCK
 */
export function requireClock(
  calls: readonly Pick<Call, 'at' | 'askedAt'>[],
  clock: unknown,
  { maxClockSkewMs, where }: { readonly maxClockSkewMs: number; readonly where: string },
): void {
  const now = performance.now()
  for (const { at, askedAt } of calls) {
    const skewMs = at + (now - askedAt) - Number(clock)
    // Also what is no number at all.
    if (Math.abs(skewMs) <= maxClockSkewMs) continue
    const skewSeconds = Math.round(skewMs / 1_000)
    throw queueError('PARAPET_QUEUE_CLOCK', { where, skewSeconds, maxClockSkewMs })
  }
}
