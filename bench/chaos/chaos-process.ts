// A process that works on a queue until it is killed, and prints a line for each thing once it is acknowledged:
//   node chaos-process.ts <write | review | both | few | due> <place>
// Whatever fails in a way that may pass is done again, as an app would: the same key, the same token.
import { setTimeout as sleep } from 'node:timers/promises'
import { isParapetError, type NewReviewItem } from '@parapet/sdk'
import { digestOf } from './digest-of.ts'
import { openQueue } from './open-queue.ts'
import { SAID } from './said-lines.ts'

/** How long a reviewer who was killed keeps an item. */
const LEASE_MS = 1_000
/** Of `due`: a deadline is as near as this at the least, and twice as far at the most. */
const DEADLINE_MS = 500
/** What somebody is told whose claim came to nothing. */
const TOO_LATE = ['PARAPET_QUEUE_LEASE_LOST', 'PARAPET_QUEUE_DECIDED', 'PARAPET_QUEUE_EXPIRED']
const WRITERS = 8
/** Between two writes at the most: killed at any moment, a process should be in the midst of some, and not have filled the disk. */
const PAUSE_MS = 40
/** Of `few`, whose every decision is to be told to somebody. */
const LONG_PAUSE_MS = 400

const [, , part, place = ''] = process.argv
const longestPauseMs = part === 'few' ? LONG_PAUSE_MS : PAUSE_MS
const queue = openQueue(place)
const me = `process-${process.pid}`
let next = 0

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function item(key: string): NewReviewItem {
  return {
    key,
    kind: 'input',
    tenant: 'acme',
    subjectKey: key,
    decisionId: key,
    bindingHash: 'binding',
    contentDigest: key,
    content: {
      messages: [{ role: 'user', parts: [{ type: 'text', text: `${key} ${'x'.repeat(next % 2_000)}` }] }],
    },
    reasons: [],
    edits: [],
    deadlineAt: Date.now() + (part === 'due' ? Math.ceil(DEADLINE_MS * (1 + Math.random())) : 3_600_000),
    otherwise: 'block',
    expiresAt: Date.now() + 7_200_000,
  }
}

/** Does something until it is done or refused for good; undefined when its lease was lost on the way. */
async function persist<Value>(call: () => Promise<Value>): Promise<Value | undefined> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isParapetError(error)) throw error
      if (TOO_LATE.includes(error.code)) return undefined
      if (!error.retryable) throw error
      await sleep(20)
    }
  }
}

async function write(): Promise<void> {
  for (;;) {
    next += 1
    const given = item(`${me}-${next}`)
    const stored = await persist(() => queue.enqueue(given))
    if (stored) say(SAID.enqueued(stored.id, given.key, digestOf(given.content.messages)))
    await sleep(Math.random() * longestPauseMs)
  }
}

async function review(): Promise<void> {
  for (;;) {
    const claim = await persist(() => queue.claim({ reviewer: me, leaseMs: LEASE_MS }))
    if (!claim) {
      await sleep(20)
      continue
    }
    const { id } = claim.item
    const { token, leaseUntil } = claim
    say(SAID.claimed(id, { token, at: Date.now(), until: leaseUntil }))
    // Some think for longer than their lease, or than the item has.
    if (part === 'due') await sleep(Math.random() * 1.5 * LEASE_MS)
    const outcome = Math.random() < 0.5 ? 'approve' : 'reject'
    const decided = await persist(() => queue.decide({ id, token, outcome, note: me }))
    if (decided) say(SAID.decided(id, outcome, token))
  }
}

const work = [
  ...(part === 'write' ? Array.from({ length: WRITERS }, write) : []),
  ...(part !== 'write' && part !== 'review' ? [write()] : []),
  ...(part !== 'write' ? [review()] : []),
]
await Promise.all(work)
