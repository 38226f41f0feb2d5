import { setTimeout as sleep } from 'node:timers/promises'
import { isParapetError, type ReviewEvent, type ReviewQueue } from '@parapet/sdk'
import { openQueue } from './open-queue.ts'
import type { ScenarioResult } from './scenario.ts'

/** So long after the last fault everything must be free again: leases, and what the server gives a silent client. */
const ALL_FREE_MS = 20_000
const BATCH = 64

/**
 * Compares what processes were told with what the database says: every enqueue is there, every decision is the one that
 * stands, and what is undecided can be decided now.
 */
export async function settleAccounts(
  place: string,
  lines: readonly string[],
): Promise<Pick<ScenarioResult, 'acknowledged' | 'lost' | 'decidedTwice' | 'stuck'>> {
  const queue = openQueue(place)
  try {
    const told = lines.map((line) => line.split(' ')).filter(([what]) => what !== 'claimed')
    const kept = await inBatches(told, ([what, id = '', detail]) => isKept(queue, { what, id, detail }))
    const lost = kept.filter((is) => !is).length
    await decideAll(queue)
    const { open, claimed } = await steady(() => queue.count())
    const decisions = await decisionsOf(queue)
    return {
      acknowledged: told.length,
      lost,
      decidedTwice: [...decisions.values()].filter((count) => count > 1).length,
      stuck: open + claimed,
    }
  } finally {
    await queue.close()
  }
}

async function isKept(
  queue: ReviewQueue,
  {
    what,
    id,
    detail,
  }: { readonly what: string | undefined; readonly id: string; readonly detail: string | undefined },
): Promise<boolean> {
  const item = await steady(() => queue.get(id))
  if (item?.content.messages.length !== 1) return false
  return what === 'enqueued' ? item.key === detail : item.decision?.outcome === detail
}

async function inBatches<Given, Result>(
  all: readonly Given[],
  work: (one: Given) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let start = 0; start < all.length; start += BATCH) {
    results.push(...(await Promise.all(all.slice(start, start + BATCH).map(work))))
  }
  return results
}

async function decideAll(queue: ReviewQueue): Promise<void> {
  let giveUpAt = performance.now() + ALL_FREE_MS
  while (performance.now() < giveUpAt) {
    const claims = await Promise.all(
      Array.from({ length: BATCH }, () => steady(() => queue.claim({ reviewer: 'the last one' }))),
    )
    const got = claims.filter((claim) => claim !== undefined)
    await Promise.all(
      got.map(({ item, token }) => steady(() => queue.decide({ id: item.id, token, outcome: 'reject' }))),
    )
    const { open, claimed } = await steady(() => queue.count())
    if (open + claimed === 0) return
    // As long as some come, none is stuck.
    if (got.length > 0) giveUpAt = performance.now() + ALL_FREE_MS
    else await sleep(100)
  }
}

async function decisionsOf(queue: ReviewQueue): Promise<Map<string, number>> {
  const decisions = new Map<string, number>()
  for (let after = 0; ; ) {
    const page: readonly ReviewEvent[] = await steady(() => queue.events({ after, limit: 1_000 }))
    for (const { kind, itemId } of page) {
      if (kind === 'decided') decisions.set(itemId, (decisions.get(itemId) ?? 0) + 1)
    }
    const last = page.at(-1)
    if (!last) return decisions
    after = last.sequence
  }
}

/** The machine may be busy: what may pass is tried again. */
async function steady<Value>(call: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (tries === 50 || !isParapetError(error) || !error.retryable) throw error
      await sleep(50)
    }
  }
}
