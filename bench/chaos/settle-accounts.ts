import { setTimeout as sleep } from 'node:timers/promises'
import { isParapetError, type ReviewQueue } from '@parapet/sdk'
import { type Account, accountFor } from './account-for.ts'
import { openQueue } from './open-queue.ts'
import { readStore } from './read-store.ts'

/** So long after the last fault everything must be free again: leases, and what the server gives a silent client. */
const ALL_FREE_MS = 20_000
const BATCH = 64

/**
 * Decides what is left, as far as it lets itself be decided, and compares what processes were told with what the tables then
 * hold: every enqueue is there with its text, every decision is the one that stands, and nothing is left undecided.
 */
export async function settleAccounts(place: string, lines: readonly string[]): Promise<Account> {
  const queue = openQueue(place)
  try {
    await decideAll(queue)
  } finally {
    await queue.close()
  }
  return accountFor(lines, await readStore(place))
}

/** The same where everything has a deadline that is past: nobody decides what is left, a reader comes by. */
export async function settleDue(place: string, lines: readonly string[]): Promise<Account> {
  const queue = openQueue(place)
  try {
    const giveUpAt = performance.now() + ALL_FREE_MS
    for (let left = true; left && performance.now() < giveUpAt; ) {
      await sleep(100)
      const { open, claimed } = await steady(() => queue.count())
      left = open + claimed > 0
    }
  } finally {
    await queue.close()
  }
  return accountFor(lines, await readStore(place))
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
