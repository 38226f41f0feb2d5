import { randomUUID } from 'node:crypto'
import { queueError } from './errors.ts'
import { REVIEW_STATES, type ReviewDecision, type ReviewEvent, type ReviewState } from './review-item.ts'
import type { Grant } from './review-queue.ts'
import type {
  NewStoredItem,
  PagePosition,
  ReviewStore,
  ReviewTransactions,
  StoredClaim,
  StoreListener,
} from './review-store.ts'
import type { StoredItem } from './stored-item.ts'

/** An item and what only the store knows of it. Items are replaced, never changed: what was handed out stays as it was. */
interface Entry {
  readonly order: number
  item: StoredItem
  /** The claim under which it was decided: the same decision again is a no-op. */
  decidedToken?: string
}

/** A store within the process, for tests: it forgets everything at its end, and looks at every item for each claim. */
export function memoryStore(): ReviewStore {
  const transactions = new MemoryTransactions()
  let listener: StoreListener | undefined
  return {
    pollMs: undefined,
    listen: (given) => {
      listener = given
    },
    async run(call, at, input) {
      const transaction = transactions[call] as (
        at: number,
        input: unknown,
      ) => ReturnType<ReviewTransactions[typeof call]>
      try {
        transactions.sweep(at)
        return structuredClone(transaction.call(transactions, at, input))
      } finally {
        listener?.settled(transactions.takeSettled())
        listener?.dueAt(transactions.nextDueAt())
      }
    },
    async close() {},
  }
}

class MemoryTransactions implements ReviewTransactions {
  readonly #entries = new Map<string, Entry>()
  readonly #byKey = new Map<string, Entry>()
  readonly #log: ReviewEvent[] = []
  #settled: string[] = []
  /** At most the next moment at which something is due: so that a sweep looks at the items only when one may be. */
  #dueFrom = Number.POSITIVE_INFINITY

  enqueue(at: number, given: NewStoredItem): StoredItem {
    const slot = JSON.stringify([given.tenant, given.key])
    const there = this.#byKey.get(slot)
    if (there) {
      for (const field of ['contentDigest', 'bindingHash', 'kind'] as const) {
        if (there.item[field] !== given[field]) {
          throw queueError('PARAPET_QUEUE_KEY_REUSED', { id: there.item.id, differs: field })
        }
      }
      return there.item
    }
    const item: StoredItem = {
      ...structuredClone(given),
      id: randomUUID(),
      state: 'open',
      createdAt: at,
      revision: 1,
    }
    const entry: Entry = { order: this.#entries.size + 1, item }
    this.#entries.set(item.id, entry)
    this.#byKey.set(slot, entry)
    this.#watch(entry)
    this.#append(entry, 'enqueued', at, 'parapet', { kind: item.kind, priority: item.priority })
    // An item that arrives after its own deadline is expired for its first reader too.
    this.sweep(at)
    return entry.item
  }

  get(_at: number, id: string): StoredItem | undefined {
    return this.#entries.get(id)?.item
  }

  view(at: number, { id, reviewer }: { readonly id: string; readonly reviewer: string }) {
    const entry = this.#entries.get(id)
    if (entry) this.#append(entry, 'viewed', at, reviewer, {})
    return entry?.item
  }

  list(_at: number, filter: Parameters<ReviewTransactions['list']>[1]) {
    const { after } = filter
    const found = [...this.#entries.values()]
      .filter(
        ({ item }) =>
          filter.states.includes(item.state) &&
          (filter.tenant ?? item.tenant) === item.tenant &&
          (filter.kind ?? item.kind) === item.kind,
      )
      .filter((entry) => !after || comparePositions(positionOf(entry), after) > 0)
      .sort(compareEntries)
    const page = found.slice(0, filter.limit)
    const last = page.at(-1)
    return {
      items: page.map(({ item }) => item),
      next: found.length > filter.limit && last ? positionOf(last) : undefined,
    }
  }

  count(_at: number, { tenant }: { readonly tenant: string | undefined }) {
    const counts = Object.fromEntries(REVIEW_STATES.map((state) => [state, 0])) as Record<ReviewState, number>
    for (const { item } of this.#entries.values()) {
      if ((tenant ?? item.tenant) === item.tenant) counts[item.state] += 1
    }
    return counts
  }

  claim(at: number, given: Parameters<ReviewTransactions['claim']>[1]): StoredClaim | undefined {
    const { reviewer, leaseMs, id, tenant } = given
    const entry = id === undefined ? this.#first(tenant) : this.#named('claim', id, tenant)
    if (!entry) return undefined
    const { claim } = entry.item
    if (claim && claim.reviewer !== reviewer) {
      throw queueError('PARAPET_QUEUE_CLAIMED', { id: entry.item.id, leaseUntil: claim.leaseUntil })
    }
    if (claim) return this.#extend(at, entry, leaseMs)
    requireUndecided(entry)
    const taken = { reviewer, token: randomUUID(), leaseUntil: at + leaseMs }
    this.#change(entry, { ...entry.item, state: 'claimed', claim: taken })
    this.#append(entry, 'claimed', at, reviewer, { leaseUntil: taken.leaseUntil })
    return toClaim(entry)
  }

  extend(at: number, { id, token, leaseMs }: Parameters<ReviewTransactions['extend']>[1]): StoredClaim {
    return this.#extend(at, this.#held('extend', id, token), leaseMs)
  }

  release(at: number, { id, token, reason }: Parameters<ReviewTransactions['release']>[1]): void {
    const entry = this.#held('release', id, token)
    const { claim, ...item } = entry.item
    this.#change(entry, { ...item, state: 'open' })
    this.#append(entry, 'released', at, claim?.reviewer ?? '', reason === undefined ? {} : { reason })
  }

  decide(at: number, given: Parameters<ReviewTransactions['decide']>[1]): StoredItem {
    const entry = this.#named('decide', given.id, undefined)
    const { decision, erasedAt } = entry.item
    if (decision && entry.decidedToken === given.token && decision.outcome === given.outcome) {
      const sameNote = erasedAt !== undefined || decision.note === given.note
      if (sameNote && decision.reason === given.reason) return entry.item
    }
    requireUndecided(entry)
    const { claim } = this.#held('decide', given.id, given.token).item
    entry.decidedToken = given.token
    this.#settle(at, entry, {
      reviewer: claim?.reviewer ?? '',
      outcome: given.outcome,
      ...(given.reason !== undefined && { reason: given.reason }),
      ...(given.note !== undefined && { note: given.note }),
      decidedAt: at,
    })
    return entry.item
  }

  useGrant(at: number, { ticket, contentDigest, bindingHash }: Grant): boolean {
    const entry = this.#entries.get(ticket)
    if (!entry) return false
    const { item } = entry
    const allowed = item.state === 'approved' || (item.state === 'expired' && item.otherwise === 'allow')
    if (!allowed || item.kind === 'audit' || item.grantUsedAt !== undefined) return false
    if (item.contentDigest !== contentDigest || item.bindingHash !== bindingHash) return false
    this.#change(entry, { ...item, grantUsedAt: at })
    this.#append(entry, 'grant-used', at, 'parapet', {})
    return true
  }

  erase(at: number, { tenant, subjectKey }: { readonly tenant: string; readonly subjectKey: string }) {
    const entries = [...this.#entries.values()].filter(
      ({ item }) =>
        item.tenant === tenant && item.subjectKey === subjectKey && item.contentJson !== undefined,
    )
    for (const entry of entries) {
      if (isPending(entry)) {
        this.#settle(at, entry, {
          reviewer: 'parapet',
          outcome: 'reject',
          reason: 'erased',
          decidedAt: at,
        })
      }
      this.#eraseText(at, entry, 'subject')
    }
    return entries.length
  }

  events(_at: number, filter: Parameters<ReviewTransactions['events']>[1]) {
    return this.#log
      .filter((event) => event.sequence > filter.after)
      .filter((event) => (filter.itemId ?? event.itemId) === event.itemId)
      .filter((event) => (filter.tenant ?? event.tenant) === event.tenant)
      .slice(0, filter.limit)
  }

  settled(_at: number, ids: readonly string[]) {
    return ids.filter((id) => {
      const entry = this.#entries.get(id)
      return entry && !isPending(entry)
    })
  }

  sweep(at: number): void {
    if (this.#dueFrom > at) return
    for (let entry = this.#mostDue(at); entry; entry = this.#mostDue(at)) this.#fallDue(entry)
    this.#dueFrom = Math.min(...[...this.#entries.values()].map(dueAt))
  }

  nextDueAt(): number | undefined {
    return this.#dueFrom === Number.POSITIVE_INFINITY ? undefined : this.#dueFrom
  }

  takeSettled(): readonly string[] {
    const settled = this.#settled
    this.#settled = []
    return settled
  }

  #mostDue(at: number): Entry | undefined {
    let most: Entry | undefined
    for (const entry of this.#entries.values()) {
      if (dueAt(entry) <= at && (!most || dueAt(entry) < dueAt(most))) most = entry
    }
    return most
  }

  #fallDue(entry: Entry): void {
    const at = dueAt(entry)
    if (!isPending(entry)) {
      this.#eraseText(at, entry, 'expiry')
      return
    }
    const { claim, ...item } = entry.item
    if (at < deadlineOf(item)) {
      this.#change(entry, { ...item, state: 'open' })
      this.#append(entry, 'lapsed', at, 'parapet', { reviewer: claim?.reviewer ?? '' })
      return
    }
    this.#change(entry, { ...item, state: 'expired' })
    this.#settled.push(item.id)
    this.#append(
      entry,
      'expired',
      at,
      'parapet',
      item.otherwise === undefined ? {} : { otherwise: item.otherwise },
    )
  }

  #settle(at: number, entry: Entry, decision: ReviewDecision): void {
    const { claim: _, ...item } = entry.item
    const state = decision.outcome === 'approve' ? 'approved' : 'rejected'
    this.#change(entry, { ...item, state, decision })
    this.#settled.push(item.id)
    const { outcome, reason } = decision
    this.#append(entry, 'decided', at, decision.reviewer, {
      outcome,
      ...(reason !== undefined && { reason }),
    })
  }

  #eraseText(at: number, entry: Entry, cause: 'subject' | 'expiry'): void {
    const { contentJson: _, decision, ...item } = entry.item
    const { note: __, ...kept } = decision ?? {}
    this.#change(entry, {
      ...item,
      ...(decision && { decision: kept as ReviewDecision }),
      erasedAt: at,
    })
    this.#append(entry, 'erased', at, 'parapet', { cause })
  }

  #extend(at: number, entry: Entry, leaseMs: number): StoredClaim {
    const { claim } = entry.item
    if (!claim) throw queueError('PARAPET_QUEUE_LEASE_LOST', { id: entry.item.id })
    const leaseUntil = Math.max(claim.leaseUntil, at + leaseMs)
    this.#change(entry, { ...entry.item, claim: { ...claim, leaseUntil } })
    this.#append(entry, 'extended', at, claim.reviewer, { leaseUntil })
    return toClaim(entry)
  }

  #first(tenant: string | undefined): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#entries.values()) {
      if (entry.item.state !== 'open' || (tenant ?? entry.item.tenant) !== entry.item.tenant) continue
      if (!first || compareEntries(entry, first) < 0) first = entry
    }
    return first
  }

  #named(call: string, id: string, tenant: string | undefined): Entry {
    const entry = this.#entries.get(id)
    if (!entry || (tenant ?? entry.item.tenant) !== entry.item.tenant) {
      throw queueError('PARAPET_QUEUE_NOT_FOUND', { call })
    }
    return entry
  }

  #held(call: string, id: string, token: string): Entry {
    const entry = this.#named(call, id, undefined)
    if (entry.item.claim?.token !== token) throw queueError('PARAPET_QUEUE_LEASE_LOST', { id })
    return entry
  }

  #change(entry: Entry, item: StoredItem): void {
    entry.item = { ...item, revision: item.revision + 1 }
    this.#watch(entry)
  }

  #watch(entry: Entry): void {
    this.#dueFrom = Math.min(this.#dueFrom, dueAt(entry))
  }

  #append(
    { item }: Entry,
    kind: ReviewEvent['kind'],
    at: number,
    actor: string,
    detail: ReviewEvent['detail'],
  ): void {
    const sequence = this.#log.length + 1
    this.#log.push({ sequence, itemId: item.id, tenant: item.tenant, kind, at, actor, detail })
  }
}

function isPending({ item }: Entry): boolean {
  return item.state === 'open' || item.state === 'claimed'
}

/** When an undecided item expires: an audit, which has no deadline, when its text goes. */
function deadlineOf(item: Pick<StoredItem, 'deadlineAt' | 'expiresAt'>): number {
  return item.deadlineAt ?? item.expiresAt
}

/** When the next thing happens to an item by itself. */
function dueAt(entry: Entry): number {
  const { item } = entry
  if (isPending(entry)) return Math.min(item.claim?.leaseUntil ?? Number.POSITIVE_INFINITY, deadlineOf(item))
  return item.contentJson === undefined ? Number.POSITIVE_INFINITY : item.expiresAt
}

function requireUndecided(entry: Entry): void {
  const { id, state, otherwise } = entry.item
  if (state === 'expired')
    throw queueError('PARAPET_QUEUE_EXPIRED', { id, otherwise: otherwise ?? 'nothing' })
  if (!isPending(entry)) throw queueError('PARAPET_QUEUE_DECIDED', { id, state })
}

function positionOf({ item, order }: Entry): PagePosition {
  return { priority: item.priority, deadlineAt: item.deadlineAt ?? Number.MAX_SAFE_INTEGER, order }
}

function comparePositions(one: PagePosition, other: PagePosition): number {
  return other.priority - one.priority || one.deadlineAt - other.deadlineAt || one.order - other.order
}

function compareEntries(one: Entry, other: Entry): number {
  return comparePositions(positionOf(one), positionOf(other))
}

function toClaim({ item }: Entry): StoredClaim {
  if (!item.claim) throw queueError('PARAPET_QUEUE_LEASE_LOST', { id: item.id })
  return { item, token: item.claim.token, leaseUntil: item.claim.leaseUntil }
}
