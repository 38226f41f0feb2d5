import { checkArgument } from './arguments.ts'
import { DueTimer } from './due-timer.ts'
import { queueError } from './errors.ts'
import { fromCursor, toCursor } from './page-cursor.ts'
import { type NewReviewItem, REVIEW_STATES, type ReviewEvent, type ReviewItem } from './review-item.ts'
import type {
  Grant,
  ReviewClaim,
  ReviewEventFilter,
  ReviewFilter,
  ReviewPage,
  ReviewQueue,
} from './review-queue.ts'
import type { NewStoredItem, ReviewStore, ReviewTransactions, StoredClaim } from './review-store.ts'
import { toReviewItem } from './stored-item.ts'
import { Waiters } from './waiters.ts'

/** What every queue over a store can be told. */
export interface StoreQueueOptions {
  /** How long a claim lasts that names no `leaseMs` of its own, in milliseconds. @default 600_000 */
  readonly leaseMs?: number
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

/** The default lease: ten minutes. */
export const DEFAULT_LEASE_MS = 600_000

/**
 * A queue over a store: it checks arguments, reads the clock, waits for decisions and lets things fall due on time,
 * so that every kind of store gives the same guarantees.
 */
export class StoreQueue implements ReviewQueue {
  readonly #store: ReviewStore
  readonly #now: () => number
  readonly #leaseMs: number
  readonly #waiters: Waiters
  readonly #due: DueTimer
  #closing: Promise<void> | undefined

  constructor(store: ReviewStore, options: StoreQueueOptions = {}) {
    this.#store = store
    this.#now = options.now ?? Date.now
    this.#leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS
    this.#waiters = new Waiters((ids) => this.#run('settled', ids), store.pollMs)
    this.#due = new DueTimer(this.#now, () => this.#run('sweep', null))
    store.listen({ settled: (ids) => this.#waiters.settle(ids), dueAt: (at) => this.#due.set(at) })
  }

  async enqueue(item: NewReviewItem): Promise<ReviewItem> {
    const { content, priority = 0, ...rest } = checkArgument('enqueue', item)
    // What a caller left out and what it gave as undefined are one.
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
    const stored = { ...given, priority, contentJson: toJson(content) } as unknown as NewStoredItem
    return toReviewItem(await this.#run('enqueue', stored))
  }

  async get(id: string): Promise<ReviewItem | undefined> {
    const item = await this.#run('get', checkArgument('get', id))
    return item && toReviewItem(item)
  }

  async view(view: { readonly id: string; readonly reviewer: string }): Promise<ReviewItem | undefined> {
    const item = await this.#run('view', checkArgument('view', view))
    return item && toReviewItem(item)
  }

  async list(filter: ReviewFilter = {}): Promise<ReviewPage> {
    const { tenant, kind, states, limit, after } = checkArgument('list', filter)
    const { items, next } = await this.#run('list', {
      tenant,
      kind,
      limit,
      states: [...new Set(states ?? REVIEW_STATES)],
      after: after === undefined ? undefined : fromCursor(after),
    })
    return { items: items.map(toReviewItem), ...(next && { next: toCursor(next) }) }
  }

  async count(filter: { readonly tenant?: string } = {}) {
    const { tenant } = checkArgument('count', filter)
    return this.#run('count', { tenant })
  }

  async claim(options: {
    readonly reviewer: string
    readonly id?: string
    readonly tenant?: string
    readonly leaseMs?: number
  }): Promise<ReviewClaim | undefined> {
    const { reviewer, id, tenant, leaseMs = this.#leaseMs } = checkArgument('claim', options)
    const claim = await this.#run('claim', { reviewer, id, tenant, leaseMs })
    return claim && toReviewClaim(claim)
  }

  async extend(claim: { readonly id: string; readonly token: string; readonly leaseMs?: number }) {
    const { id, token, leaseMs = this.#leaseMs } = checkArgument('extend', claim)
    return toReviewClaim(await this.#run('extend', { id, token, leaseMs }))
  }

  async release(claim: { readonly id: string; readonly token: string; readonly reason?: string }) {
    const { id, token, reason } = checkArgument('release', claim)
    await this.#run('release', { id, token, reason })
  }

  async decide(decision: {
    readonly id: string
    readonly token: string
    readonly outcome: 'approve' | 'reject'
    readonly reason?: string
    readonly note?: string
  }): Promise<ReviewItem> {
    const { id, token, outcome, reason, note } = checkArgument('decide', decision)
    return toReviewItem(await this.#run('decide', { id, token, outcome, reason, note: note?.toWellFormed() }))
  }

  async wait(id: string, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }) {
    checkArgument('get', id)
    const { timeoutMs, signal } = checkArgument('wait', options)
    const startedAt = performance.now()
    const waiter = this.#waiters.join(id)
    try {
      requireThere(signal)
      const item = await this.#item(id)
      if (isSettled(item)) return item
      const leftMs = timeoutMs - (performance.now() - startedAt)
      if (leftMs > 0) await settledInTime(waiter.settled, leftMs, signal)
      return await this.#item(id)
    } finally {
      waiter.leave()
    }
  }

  async useGrant(grant: Grant): Promise<boolean> {
    return this.#run('useGrant', checkArgument('useGrant', grant))
  }

  async erase(person: { readonly tenant: string; readonly subjectKey: string }): Promise<number> {
    return this.#run('erase', checkArgument('erase', person))
  }

  async events(filter: ReviewEventFilter = {}): Promise<readonly ReviewEvent[]> {
    const { itemId, tenant, after, limit } = checkArgument('events', filter)
    return this.#run('events', { itemId, tenant, after, limit })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#due.stop()
    this.#waiters.failAll(() => queueError('PARAPET_QUEUE_CLOSED', { call: 'wait' }))
    await this.#store.close()
  }

  async #run<Call extends keyof ReviewTransactions>(
    call: Call,
    input: Parameters<ReviewTransactions[Call]>[1],
  ): Promise<ReturnType<ReviewTransactions[Call]>> {
    if (this.#closing !== undefined) throw queueError('PARAPET_QUEUE_CLOSED', { call })
    return this.#store.run(call, Math.trunc(this.#now()), input)
  }

  async #item(id: string): Promise<ReviewItem> {
    const item = await this.get(id)
    if (!item) throw queueError('PARAPET_QUEUE_NOT_FOUND', { call: 'wait' })
    return item
  }
}

function isSettled(item: ReviewItem): boolean {
  return item.state !== 'open' && item.state !== 'claimed'
}

function toReviewClaim({ item, token, leaseUntil }: StoredClaim): ReviewClaim {
  return { item: toReviewItem(item), token, leaseUntil }
}

function toJson(content: unknown): string {
  try {
    return JSON.stringify(content)
  } catch {
    throw queueError('PARAPET_QUEUE_INVALID', {
      call: 'enqueue',
      problems: ['content: expected JSON (no bigint, no circle)'],
    })
  }
}

function requireThere(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw queueError('PARAPET_QUEUE_ABORTED', { call: 'wait' })
  }
}

/** Resolves when the item is settled or the time is over; rejects when the caller went away. */
async function settledInTime(
  settled: Promise<void>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  requireThere(signal)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, timeoutMs)
  // Without the signal's reason as a cause: it is the caller's, and may hold anything.
  const abort = () => reject(queueError('PARAPET_QUEUE_ABORTED', { call: 'wait' }))
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([promise, settled])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
