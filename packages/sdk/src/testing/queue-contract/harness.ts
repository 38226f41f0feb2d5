import assert from 'node:assert/strict'
import { isParapetError } from '../../errors/parapet-error.ts'
import type { QueueErrorCode } from '../../review/errors.ts'
import type { NewReviewItem } from '../../review/review-item.ts'
import type { ReviewClaim, ReviewQueue } from '../../review/review-queue.ts'

/** A store that was empty when it was opened. */
export interface OpenQueue {
  readonly queue: ReviewQueue
  /** Another handle on the same store and clock; where a store has one handle alone, that one. */
  readonly another: () => Promise<ReviewQueue>
  /** Closes every handle and throws the store away. */
  readonly dispose: () => Promise<void>
}

/** Opens an empty store for a case. `now` is the clock that it must go by; without it, the real one. */
export type OpenQueueForTest = (options: { readonly now?: () => number }) => Promise<OpenQueue>

/** A case of the contract: any test runner can run it. */
export interface QueueContractCase {
  readonly name: string
  readonly run: () => Promise<void>
}

/** A clock that moves when it is told to. */
export interface ManualClock {
  readonly now: () => number
  readonly advance: (ms: number) => void
}

/** Some moment in the past, so that a mistaken use of the real clock shows. */
export const TEST_START = 1_700_000_000_000

export function manualClock(start = TEST_START): ManualClock {
  let at = start
  return {
    now: () => at,
    advance: (ms) => {
      at += ms
    },
  }
}

/** What a case works with. */
export interface CaseContext extends OpenQueue {
  readonly clock: ManualClock
}

/** Makes a case that runs on an empty store with a clock of its own. */
export function caseOn(open: OpenQueueForTest) {
  return (name: string, body: (context: CaseContext) => Promise<void>): QueueContractCase => ({
    name,
    run: async () => {
      const clock = manualClock()
      const store = await open({ now: clock.now })
      try {
        await body({ ...store, clock })
      } finally {
        await store.dispose()
      }
    },
  })
}

let lastItem = 0

/** A valid input hold, due in a minute by the test clock; each test changes what it is about. */
export function newReviewItem(changes: Partial<NewReviewItem> = {}): NewReviewItem {
  lastItem += 1
  return {
    key: `request-${lastItem}`,
    kind: 'input',
    tenant: 'acme',
    subjectKey: 'person-1',
    decisionId: `decision-${lastItem}`,
    bindingHash: 'sha256:binding',
    contentDigest: `sha256:content-${lastItem}`,
    content: { messages: [{ role: 'user', parts: [{ type: 'text', text: 'May I have this?' }] }] },
    reasons: [
      {
        kind: 'rule',
        part: 0,
        stage: 'input',
        rule: 'maybe-harmful',
        detector: 'refusal-direction',
        label: 'harmful',
        score: 0.5,
        threshold: 0.4,
        action: 'hold',
      },
    ],
    edits: [],
    deadlineAt: TEST_START + 60_000,
    otherwise: 'block',
    expiresAt: TEST_START + 3_600_000,
    ...changes,
  }
}

/** A valid audit: it has no deadline. */
export function newAuditItem(changes: Partial<NewReviewItem> = {}): NewReviewItem {
  const { deadlineAt: _, otherwise: __, ...item } = newReviewItem()
  return { ...item, kind: 'audit', ...changes }
}

/** Claims an item that must be there to claim. */
export async function claimed(queue: ReviewQueue, reviewer: string, id?: string): Promise<ReviewClaim> {
  const claim = await queue.claim({ reviewer, ...(id !== undefined && { id }) })
  assert.ok(claim, 'expected an open item')
  return claim
}

/** Claims and decides an item. */
export async function decided(
  queue: ReviewQueue,
  id: string,
  outcome: 'approve' | 'reject',
  reviewer = 'ada',
) {
  const { token } = await claimed(queue, reviewer, id)
  return queue.decide({ id, token, outcome })
}

/** Asserts that a call rejects with a code, and gives its message. */
export async function rejectsWith(code: QueueErrorCode, call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(
    isParapetError(error),
    `expected ${code}, got ${error === undefined ? 'no error' : String(error)}`,
  )
  assert.equal(error.code, code)
  return error.message
}

/** The kinds of an item's entries in the log, oldest first. */
export async function kindsOf(queue: ReviewQueue, itemId: string): Promise<string[]> {
  return (await queue.events({ itemId })).map(({ kind }) => kind)
}

/**
 * Asserts that two values hold the same data, whatever realm they were made in: what a thread or a test runner's
 * sandbox hands over has prototypes of its own, which `assert.deepStrictEqual` takes for a difference.
 */
export function assertSame(actual: unknown, expected: unknown): void {
  assert.deepEqual(plain(actual), plain(expected))
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, plain)
  if (value instanceof Set) return plain([...value])
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}
