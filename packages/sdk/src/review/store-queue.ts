import { appealToken, readAppealToken } from './appeal-token.ts'
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
  TenantScope,
} from './review-queue.ts'
import type {
  ReviewInput,
  ReviewOutput,
  ReviewStore,
  ReviewTransactions,
  StoredClaim,
} from './review-store.ts'
import { MOST_ERASED } from './rules/erase.ts'
import { fromFault } from './rules/queue-fault.ts'
import { type NewStoredItem, toReviewItem } from './stored-item.ts'
import { Waiters } from './waiters.ts'

/** What every queue over a store can be told. */
export interface StoreQueueOptions {
  /** How long a claim lasts that names no `leaseMs` of its own, in milliseconds. @default 600_000 */
  readonly leaseMs?: number
  /** The most bytes that an item may have, as JSON in UTF-8, in [1_024, 67_108_864]. @default 8_388_608 */
  readonly maxItemBytes?: number
  /** The reasons that reviewers may give: short codes. @default any short code */
  readonly reasons?: readonly string[]
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

/** The default lease: ten minutes. */
export const DEFAULT_LEASE_MS = 600_000

/** The default size of the largest item: 8 MiB, some way over what a policy's default limits let through. */
export const DEFAULT_MAX_ITEM_BYTES = 8_388_608

/**
 * A queue over a store: it checks arguments, reads the clock, waits for decisions and lets things fall due on time,
 * so that every kind of store gives the same guarantees.
 */
export class StoreQueue implements ReviewQueue {
  readonly #store: ReviewStore
  readonly #now: () => number
  readonly #leaseMs: number
  readonly #maxItemBytes: number
  readonly #reasons: readonly string[] | undefined
  readonly #waiters: Waiters
  readonly #due: DueTimer
  #closing: Promise<void> | undefined

  constructor(store: ReviewStore, options: StoreQueueOptions = {}) {
    this.#store = store
    this.#now = options.now ?? Date.now
    this.#leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS
    this.#maxItemBytes = options.maxItemBytes ?? DEFAULT_MAX_ITEM_BYTES
    this.#reasons = options.reasons
    this.#waiters = new Waiters((ids) => this.#run('settled', ids), store.pollMs)
    this.#due = new DueTimer(this.#now, () => this.#run('sweep', null))
    store.listen({ settled: (ids) => this.#waiters.settle(ids), dueAt: (at) => this.#due.set(at) })
  }

  async enqueue(item: NewReviewItem): Promise<ReviewItem> {
    const checked = checkArgument('enqueue', item)
    const { content, team = 'default', priority = 0, opinions = 1, undoMs = 0, ...rest } = checked
    // What a caller left out and what it gave as undefined are one.
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
    const contentJson = toJson(content)
    const stored = { ...given, team, priority, opinions, undoMs, contentJson } as unknown as NewStoredItem
    this.#requireSize(stored)
    return toReviewItem(await this.#run('enqueue', stored))
  }

  async get(id: string, scope: TenantScope = {}): Promise<ReviewItem | undefined> {
    const { tenant } = checkArgument('get', { ...scope, id })
    const item = await this.#run('get', { id, tenant })
    return item && toReviewItem(item)
  }

  async view(view: Parameters<ReviewQueue['view']>[0]): Promise<ReviewItem | undefined> {
    const { id, tenant, reviewer } = checkArgument('view', view)
    const item = await this.#run('view', { id, tenant, reviewer })
    return item && toReviewItem(item)
  }

  async list(filter: ReviewFilter = {}): Promise<ReviewPage> {
    const { tenant, team, kind, states, content, limit, after } = checkArgument('list', filter)
    const { items, next } = await this.#run('list', {
      tenant,
      team,
      kind,
      limit,
      content,
      states: [...new Set(states ?? REVIEW_STATES)],
      after: after === undefined ? undefined : fromCursor(after),
    })
    return { items: items.map(toReviewItem), ...(next && { next: toCursor(next) }) }
  }

  async count(filter: { readonly tenant?: string; readonly team?: string } = {}) {
    const { tenant, team } = checkArgument('count', filter)
    return this.#run('count', { tenant, team })
  }

  async claim(options: {
    readonly reviewer: string
    readonly id?: string
    readonly tenant?: string
    readonly team?: string
    readonly leaseMs?: number
    readonly importedBy?: string
  }): Promise<ReviewClaim | undefined> {
    const checked = checkArgument('claim', options)
    const { reviewer, id, tenant, team, leaseMs = this.#leaseMs, importedBy } = checked
    const claim = await this.#run('claim', { reviewer, id, tenant, team, leaseMs, importedBy })
    return claim && toReviewClaim(claim)
  }

  async extend(claim: Parameters<ReviewQueue['extend']>[0]): Promise<ReviewClaim> {
    const { id, token, tenant, leaseMs = this.#leaseMs } = checkArgument('extend', claim)
    return toReviewClaim(await this.#run('extend', { id, token, tenant, leaseMs }))
  }

  async release(claim: Parameters<ReviewQueue['release']>[0]): Promise<void> {
    const { id, token, tenant, reason } = checkArgument('release', claim)
    this.#requireReason('release', reason)
    await this.#run('release', { id, token, tenant, reason })
  }

  async skip(claim: Parameters<ReviewQueue['skip']>[0]): Promise<void> {
    const { id, token, tenant, reason } = checkArgument('skip', claim)
    this.#requireReason('skip', reason)
    await this.#run('skip', { id, token, tenant, reason })
  }

  async decide(decision: Parameters<ReviewQueue['decide']>[0]): Promise<ReviewItem> {
    const checked = checkArgument('decide', decision)
    const { id, token, tenant, outcome, reason, note, answer, revision, importedBy } = checked
    this.#requireReason('decide', reason)
    const decided = await this.#run('decide', {
      id,
      token,
      tenant,
      outcome,
      reason,
      note: note?.toWellFormed(),
      answer: answer?.toWellFormed(),
      revision,
      importedBy,
    })
    return toReviewItem(decided)
  }

  async undo(decision: Parameters<ReviewQueue['undo']>[0]): Promise<ReviewItem> {
    const { id, token, tenant } = checkArgument('undo', decision)
    return toReviewItem(await this.#run('undo', { id, token, tenant }))
  }

  async wait(id: string, options: Parameters<ReviewQueue['wait']>[1]): Promise<ReviewItem> {
    const { timeoutMs, signal, tenant } = checkArgument('wait', { ...options, id })
    const scope = tenant === undefined ? {} : { tenant }
    const startedAt = performance.now()
    const waiter = this.#waiters.join(id)
    try {
      requireThere(signal)
      const item = await this.#item(id, scope)
      if (isSettled(item)) return item
      const leftMs = timeoutMs - (performance.now() - startedAt)
      if (leftMs > 0) await settledInTime(waiter.settled, leftMs, signal)
      return await this.#item(id, scope)
    } finally {
      waiter.leave()
    }
  }

  async useGrant(grant: Grant & TenantScope): Promise<boolean> {
    const { ticket, contentDigest, bindingHash, tenant } = checkArgument('useGrant', grant)
    return this.#run('useGrant', { ticket, contentDigest, bindingHash, tenant })
  }

  async offerAppeal(item: TenantScope & { readonly id: string }): Promise<{ readonly token: string }> {
    const { id, tenant } = checkArgument('offerAppeal', item)
    const { token, digest } = appealToken(id)
    await this.#run('offerAppeal', { id, tenant, digest })
    return { token }
  }

  async appeal(appeal: Parameters<ReviewQueue['appeal']>[0]): Promise<ReviewItem> {
    const { token, tenant, statement, withinMs } = checkArgument('appeal', appeal)
    const { id, digest } = readAppealToken(token)
    const given = { id, tenant, digest, statement: statement?.toWellFormed(), withinMs }
    return toReviewItem(await this.#run('appeal', given))
  }

  async erase(person: { readonly tenant: string; readonly subjectKey: string }): Promise<number> {
    const checked = checkArgument('erase', person)
    for (let erased = 0; ; ) {
      const some = await this.#run('erase', checked)
      erased += some
      if (some < MOST_ERASED) return erased
    }
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
    input: ReviewInput<Call>,
  ): Promise<ReviewOutput<Call>> {
    if (this.#closing !== undefined) throw queueError('PARAPET_QUEUE_CLOSED', { call })
    try {
      return await this.#store.run(call, Math.trunc(this.#now()), input)
    } catch (error) {
      throw fromFault(error)
    }
  }

  #requireSize(item: NewStoredItem): void {
    const bytes = Buffer.byteLength(item.contentJson) + Buffer.byteLength(toJson([item.reasons, item.edits]))
    const maxItemBytes = this.#maxItemBytes
    if (bytes > maxItemBytes) throw queueError('PARAPET_QUEUE_TOO_LARGE', { bytes, maxItemBytes })
  }

  #requireReason(call: string, reason: string | undefined): void {
    if (reason === undefined || !this.#reasons || this.#reasons.includes(reason)) return
    const problems = [`reason: expected one of ${this.#reasons.join(', ')}`]
    throw queueError('PARAPET_QUEUE_INVALID', { call, problems })
  }

  async #item(id: string, scope: TenantScope): Promise<ReviewItem> {
    const item = await this.get(id, scope)
    if (!item) throw queueError('PARAPET_QUEUE_NOT_FOUND', { call: 'wait' })
    return item
  }
}

function isSettled(item: ReviewItem): boolean {
  return item.state === 'approved' || item.state === 'rejected' || item.state === 'expired'
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
