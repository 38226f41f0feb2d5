import type { ReviewState } from '../../review/review-item.ts'
import type { QueueStep } from './queue-steps.ts'

/** What an item is, in a model's terms: everything that callers see of it, ids aside. */
export interface ModelItem {
  readonly number: number
  readonly tenant: string
  readonly subject: string
  readonly kind: 'input' | 'audit'
  readonly priority: number
  readonly content: string
  readonly deadlineAt: number | undefined
  readonly otherwise: 'allow' | 'block' | undefined
  readonly expiresAt: number
  state: ReviewState
  revision: number
  hasText: boolean
  hands: { readonly reviewer: string; readonly claim: number; leaseUntil: number } | undefined
  decision:
    | { readonly by: string; readonly outcome: string; note: string | undefined; readonly at: number }
    | undefined
  grantUsedAt: number | undefined
  erasedAt: number | undefined
}

/** What callers could name when they made a call: how many items there were, and which items the claims were on. */
export interface KnownNames {
  readonly items: number
  readonly claims: readonly number[]
}

/** What a call gives: a value, or the code of its error. */
export type ModelOutcome = { readonly value: unknown } | { readonly code: string }

/** A fault of a call in the model. */
class ModelFault extends Error {}

/** The queue as plainly as it can be said: a list of items, a list of log entries, and time that passes. */
export class QueueModel {
  readonly items: ModelItem[] = []
  readonly log: { kind: string; item: number; at: number; actor: string }[] = []
  /** The claim under which each item was decided, by the item's number. */
  readonly #decidedUnder = new Map<number, number>()
  readonly #keys = new Map<string, ModelItem>()
  #claims: number[] = []
  #now: number

  constructor(now: number) {
    this.#now = now
  }

  get known(): KnownNames {
    return { items: this.items.length, claims: this.#claims }
  }

  /** Time passes: what falls due happens in its order. */
  advance(ms: number): void {
    this.#now += ms
    this.#pass()
  }

  run(step: QueueStep, known: KnownNames): ModelOutcome {
    try {
      return { value: this.#run(step, known) }
    } catch (fault) {
      if (fault instanceof ModelFault) return { code: `PARAPET_QUEUE_${fault.message}` }
      throw fault
    }
  }

  #run(step: QueueStep, known: KnownNames): unknown {
    switch (step.call) {
      case 'enqueue':
        return this.#enqueue(step)
      case 'claim':
        return this.#claim(step, known)
      case 'extend': {
        const item = this.#inHands(step.claim, known)
        return this.#renew(item, step.leaseMs)
      }
      case 'release': {
        const item = this.#inHands(step.claim, known)
        const by = item.hands?.reviewer ?? ''
        this.#change(item, { state: 'open', hands: undefined }, 'released', by)
        return undefined
      }
      case 'decide':
        return this.#decide(step, known)
      case 'useGrant':
        return this.#useGrant(step, known)
      case 'erase': {
        const theirs = this.items.filter(
          (item) => item.tenant === step.tenant && item.subject === step.subject && item.hasText,
        )
        for (const item of theirs) {
          if (isUndecided(item)) this.#settle(item, 'parapet', 'reject', undefined)
          this.#loseText(item, this.#now)
        }
        return theirs.length
      }
      case 'view': {
        const item = this.#named(step.item, known)
        if (item) this.log.push({ kind: 'viewed', item: item.number, at: this.#now, actor: step.reviewer })
        return item && { ...item }
      }
      case 'get': {
        const item = this.#named(step.item, known)
        return item && { ...item }
      }
      case 'list':
        return this.items
          .filter((item) => step.states.includes(item.state) && (step.tenant ?? item.tenant) === item.tenant)
          .sort(inOrder)
          .slice(0, step.limit)
          .map((item) => item.number)
      case 'count': {
        const ofTenant = this.items.filter((item) => (step.tenant ?? item.tenant) === item.tenant)
        const states: ReviewState[] = ['open', 'claimed', 'approved', 'rejected', 'expired']
        return states.map((state) => ofTenant.filter((item) => item.state === state).length)
      }
    }
  }

  #enqueue(step: Extract<QueueStep, { call: 'enqueue' }>): unknown {
    const slot = `${step.tenant}/${step.key}`
    const there = this.#keys.get(slot)
    if (there) {
      if (there.content !== step.content || there.kind !== step.kind) throw new ModelFault('KEY_REUSED')
      return { ...there }
    }
    const deadline = this.#now + step.deadlineInMs
    const item: ModelItem = {
      number: this.items.length,
      tenant: step.tenant,
      subject: step.subject,
      kind: step.kind,
      priority: step.priority,
      content: step.content,
      deadlineAt: step.kind === 'audit' ? undefined : deadline,
      otherwise: step.kind === 'audit' ? undefined : step.otherwise,
      expiresAt: deadline + step.textForMs,
      state: 'open',
      revision: 1,
      hasText: true,
      hands: undefined,
      decision: undefined,
      grantUsedAt: undefined,
      erasedAt: undefined,
    }
    this.items.push(item)
    this.#keys.set(slot, item)
    this.log.push({ kind: 'enqueued', item: item.number, at: this.#now, actor: 'parapet' })
    this.#pass()
    return { ...item }
  }

  #claim(step: Extract<QueueStep, { call: 'claim' }>, known: KnownNames): unknown {
    const fits = (item: ModelItem) => (step.tenant ?? item.tenant) === item.tenant
    let item: ModelItem | undefined
    if (step.item === undefined) {
      item = this.items.filter((other) => other.state === 'open' && fits(other)).sort(inOrder)[0]
      if (!item) return undefined
    } else {
      item = this.#named(step.item, known)
      if (!item || !fits(item)) throw new ModelFault('NOT_FOUND')
    }
    requireUndecided(item)
    if (item.hands) {
      if (item.hands.reviewer !== step.reviewer) throw new ModelFault('CLAIMED')
      return this.#renew(item, step.leaseMs)
    }
    const hands = {
      reviewer: step.reviewer,
      claim: this.#claims.length,
      leaseUntil: this.#now + step.leaseMs,
    }
    this.#claims = [...this.#claims, item.number]
    this.#change(item, { state: 'claimed', hands }, 'claimed', step.reviewer)
    return { ...item }
  }

  #renew(item: ModelItem, leaseMs: number): unknown {
    const { hands } = item
    if (!hands) throw new ModelFault('LEASE_LOST')
    const leaseUntil = Math.max(hands.leaseUntil, this.#now + leaseMs)
    this.#change(item, { hands: { ...hands, leaseUntil } }, 'extended', hands.reviewer)
    return { ...item }
  }

  #decide(step: Extract<QueueStep, { call: 'decide' }>, known: KnownNames): unknown {
    const item = this.items[known.claims[step.claim] ?? -1]
    if (!item) throw new ModelFault('NOT_FOUND')
    const { decision } = item
    if (decision && this.#decidedUnder.get(item.number) === step.claim && decision.outcome === step.outcome) {
      if (!item.hasText || decision.note === step.note) return { ...item }
    }
    requireUndecided(item)
    if (item.hands?.claim !== step.claim) throw new ModelFault('LEASE_LOST')
    this.#decidedUnder.set(item.number, step.claim)
    this.#settle(item, item.hands.reviewer, step.outcome, step.note)
    return { ...item }
  }

  #useGrant(step: Extract<QueueStep, { call: 'useGrant' }>, known: KnownNames): boolean {
    const item = this.#named(step.item, known)
    if (!item || item.kind === 'audit' || item.grantUsedAt !== undefined) return false
    if (item.state !== 'approved' && !(item.state === 'expired' && item.otherwise === 'allow')) return false
    if (step.content !== item.content || step.binding !== 'binding') return false
    this.#change(item, { grantUsedAt: this.#now }, 'grant-used', 'parapet')
    return true
  }

  #named(item: number, known: KnownNames): ModelItem | undefined {
    return item < known.items ? this.items[item] : undefined
  }

  #inHands(claim: number, known: KnownNames): ModelItem {
    const item = this.items[known.claims[claim] ?? -1]
    if (!item) throw new ModelFault('NOT_FOUND')
    if (item.hands?.claim !== claim) throw new ModelFault('LEASE_LOST')
    return item
  }

  #settle(item: ModelItem, by: string, outcome: 'approve' | 'reject', note: string | undefined): void {
    const state = outcome === 'approve' ? 'approved' : 'rejected'
    this.#change(
      item,
      { state, hands: undefined, decision: { by, outcome, note, at: this.#now } },
      'decided',
      by,
    )
  }

  #loseText(item: ModelItem, at: number): void {
    const decision = item.decision && { ...item.decision, note: undefined }
    this.#change(item, { hasText: false, erasedAt: at, decision }, 'erased', 'parapet', at)
  }

  #change(item: ModelItem, to: Partial<ModelItem>, kind: string, actor: string, at = this.#now): void {
    Object.assign(item, to)
    item.revision += 1
    this.log.push({ kind, item: item.number, at, actor })
  }

  #pass(): void {
    for (;;) {
      const due = this.items
        .map((item) => ({ item, at: dueAt(item) }))
        .filter(({ at }) => at <= this.#now)
        .sort((one, other) => one.at - other.at || one.item.number - other.item.number)[0]
      if (!due) return
      const { item, at } = due
      if (!isUndecided(item)) this.#loseText(item, at)
      else if (at >= (item.deadlineAt ?? item.expiresAt)) {
        this.#change(item, { state: 'expired', hands: undefined }, 'expired', 'parapet', at)
      } else this.#change(item, { state: 'open', hands: undefined }, 'lapsed', 'parapet', at)
    }
  }
}

function isUndecided(item: ModelItem): boolean {
  return item.state === 'open' || item.state === 'claimed'
}

function requireUndecided(item: ModelItem): void {
  if (item.state === 'expired') throw new ModelFault('EXPIRED')
  if (!isUndecided(item)) throw new ModelFault('DECIDED')
}

function dueAt(item: ModelItem): number {
  const never = Number.POSITIVE_INFINITY
  if (!isUndecided(item)) return item.hasText ? item.expiresAt : never
  return Math.min(item.hands?.leaseUntil ?? never, item.deadlineAt ?? item.expiresAt)
}

function inOrder(one: ModelItem, other: ModelItem): number {
  const never = Number.MAX_SAFE_INTEGER
  return (
    other.priority - one.priority ||
    (one.deadlineAt ?? never) - (other.deadlineAt ?? never) ||
    one.number - other.number
  )
}
