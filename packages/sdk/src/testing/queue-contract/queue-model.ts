import { REVIEW_STATES, type ReviewState } from '../../review/review-item.ts'
import { answerOf, nameIn, type QueueStep } from './queue-steps.ts'

/** What one reviewer said. */
interface ModelOpinion {
  readonly by: string
  /** The claim it was said under; none for an erasure. */
  readonly claim: number | undefined
  readonly outcome: string
  readonly note: string | undefined
  readonly answer: string | undefined
  readonly at: number
}

/** What an item is, in a model's terms. */
interface ModelItem {
  readonly number: number
  readonly tenant: string
  readonly subject: string
  readonly kind: 'input' | 'output' | 'audit'
  readonly content: string
  readonly deadlineAt: number | undefined
  readonly otherwise: 'allow' | 'block' | undefined
  readonly expiresAt: number
  readonly opinions: 1 | 2
  readonly undoMs: number
  readonly appeals: number | undefined
  /** Those who may not have it: what it appeals against was theirs. */
  readonly barred: readonly string[]
  team: string
  priority: number
  /** Undefined: never, or not any more. */
  escalation: { readonly at: number; readonly team: string; readonly priority: number } | undefined
  state: ReviewState
  revision: number
  hasText: boolean
  hands: { readonly reviewer: string; readonly claim: number; leaseUntil: number } | undefined
  given: readonly ModelOpinion[]
  skippedBy: readonly string[]
  effectAt: number | undefined
  escalatedAt: number | undefined
  /** The last appeal token that was offered. */
  token: number | undefined
  appealedBy: number | undefined
  grantUsedAt: number | undefined
  erasedAt: number | undefined
}

/** What callers could name when they made a call: how many items there were, and which ones the claims and tokens were for. */
export interface KnownNames {
  readonly items: number
  readonly claims: readonly number[]
  readonly tokens: readonly number[]
}

/** What a claim got: the number of an item, or nothing. */
export interface GotItem {
  readonly item: number | undefined
}

/** What a call gives: a value, or the code of its error. */
export type ModelOutcome = { readonly value: unknown } | { readonly code: string }

/** A fault of a call in the model. */
class ModelFault extends Error {}

const NEVER = Number.POSITIVE_INFINITY

/**
 * The queue as plainly as it can be said: a list of items, a list of log entries, and time that passes. It shares nothing
 * with the rules that stores run: it is what they are held against.
 */
export class QueueModel {
  readonly items: ModelItem[] = []
  readonly log: { kind: string; item: number; at: number; actor: string }[] = []
  /** The places in the log of what no call did: it fell due. */
  readonly fellDue = new Set<number>()
  /** The items that calls named or changed since time last passed. */
  readonly atHand = new Set<number>()
  /** The free items that a claim has not got since time last passed, though they came before what it got. */
  readonly passed = new Set<number>()
  readonly #keys = new Map<string, ModelItem>()
  #claims: number[] = []
  /** The item of each appeal token. */
  #tokens: number[] = []
  #now: number

  constructor(now: number) {
    this.#now = now
  }

  get known(): KnownNames {
    return { items: this.items.length, claims: this.#claims, tokens: this.#tokens }
  }

  /** Time passes, or is set back: what falls due happens in its order. */
  advance(ms: number): void {
    this.#now += ms
    this.atHand.clear()
    this.passed.clear()
    this.#pass()
  }

  /** `got` is what a claim of whatever comes first has got, where it may pass items by. */
  run(step: QueueStep, known: KnownNames, got?: GotItem): ModelOutcome {
    // An undone decision may leave something that has been due for long.
    this.#pass()
    try {
      return { value: this.#run(step, known, got) }
    } catch (fault) {
      if (fault instanceof ModelFault) return { code: `PARAPET_QUEUE_${fault.message}` }
      throw fault
    }
  }

  #run(step: QueueStep, known: KnownNames, got: GotItem | undefined): unknown {
    switch (step.call) {
      case 'enqueue':
        return this.#enqueue(step)
      case 'claim':
        return this.#claim(step, known, got)
      case 'extend': {
        const item = this.#inHands(step.claim, known)
        return this.#renew(item, step.leaseMs)
      }
      case 'release':
      case 'skip': {
        const item = this.#inHands(step.claim, known)
        const by = item.hands?.reviewer ?? ''
        if (step.call === 'skip') item.skippedBy = [...item.skippedBy, by]
        const kind = step.call === 'skip' ? 'skipped' : 'released'
        this.#change(item, { state: 'open', hands: undefined }, kind, by)
        return undefined
      }
      case 'decide':
        return this.#decide(step, known)
      case 'undo':
        return this.#undo(step, known)
      case 'useGrant':
        return this.#useGrant(step, known)
      case 'offerAppeal':
        return this.#offerAppeal(step, known)
      case 'appeal':
        return this.#appeal(step, known)
      case 'erase':
        return this.#erase(step)
      case 'view': {
        const item = this.#named(step.item, known)
        if (item) this.log.push({ kind: 'viewed', item: item.number, at: this.#now, actor: step.reviewer })
        return item && seen(item)
      }
      case 'get': {
        const item = this.items[nameIn(known.items, step.item)]
        return item && seen(item)
      }
      case 'list':
        return this.items
          .filter((item) => step.states.includes(item.state) && isAt(item, step))
          .sort(inOrder)
          .slice(0, step.limit)
          .map((item) => item.number)
      case 'count': {
        const there = this.items.filter((item) => isAt(item, step))
        return REVIEW_STATES.map((state) => there.filter((item) => item.state === state).length)
      }
    }
  }

  #enqueue(step: Extract<QueueStep, { call: 'enqueue' }>): unknown {
    const slot = `${step.tenant}/${step.key}`
    const there = this.#keys.get(slot)
    if (there) {
      this.atHand.add(there.number)
      if (there.content !== step.content || there.kind !== step.kind) throw new ModelFault('KEY_REUSED')
      return seen(there)
    }
    const deadline = this.#now + step.deadlineInMs
    const item: ModelItem = {
      ...nothingYet,
      number: this.items.length,
      tenant: step.tenant,
      subject: step.subject,
      kind: step.kind,
      content: step.content,
      deadlineAt: step.kind === 'audit' ? undefined : deadline,
      otherwise: step.kind === 'audit' ? undefined : step.otherwise,
      expiresAt: deadline + step.textForMs,
      opinions: step.opinions,
      undoMs: step.undoMs,
      appeals: undefined,
      barred: [],
      team: step.team,
      priority: step.priority,
      escalation:
        step.escalateInMs === undefined
          ? undefined
          : {
              at: this.#now + step.escalateInMs,
              team: step.escalateTo,
              priority: step.escalatePriority ?? step.priority,
            },
    }
    this.items.push(item)
    this.#keys.set(slot, item)
    this.atHand.add(item.number)
    this.log.push({ kind: 'enqueued', item: item.number, at: this.#now, actor: 'parapet' })
    this.#pass()
    return seen(item)
  }

  #claim(step: Extract<QueueStep, { call: 'claim' }>, known: KnownNames, got: GotItem | undefined): unknown {
    const { reviewer } = step
    let item: ModelItem | undefined
    if (step.item === undefined) {
      const isFree = (other: ModelItem) =>
        other.state === 'open' &&
        isAt(other, step) &&
        !isBarred(other, reviewer) &&
        !other.skippedBy.includes(reviewer)
      const free = this.items.filter(isFree).sort(inOrder)
      item = got ? free.find(({ number }) => number === got.item) : free[0]
      for (const { number } of item ? free.slice(0, free.indexOf(item)) : free) this.passed.add(number)
      if (!item) return undefined
    } else {
      item = this.#named(step.item, known)
      if (!item || !isAt(item, step)) throw new ModelFault('NOT_FOUND')
    }
    requireUndecided(item)
    if (item.hands) {
      if (item.hands.reviewer !== reviewer) throw new ModelFault('CLAIMED')
      return this.#renew(item, step.leaseMs)
    }
    if (isBarred(item, reviewer)) throw new ModelFault('BARRED')
    const hands = { reviewer, claim: this.#claims.length, leaseUntil: this.#now + step.leaseMs }
    this.#claims = [...this.#claims, item.number]
    this.#change(item, { state: 'claimed', hands }, 'claimed', reviewer)
    return seen(item)
  }

  #renew(item: ModelItem, leaseMs: number): unknown {
    const { hands } = item
    if (!hands) throw new ModelFault('LEASE_LOST')
    const leaseUntil = Math.max(hands.leaseUntil, this.#now + leaseMs)
    this.#change(item, { hands: { ...hands, leaseUntil } }, 'extended', hands.reviewer)
    return seen(item)
  }

  #decide(step: Extract<QueueStep, { call: 'decide' }>, known: KnownNames): unknown {
    const claim = nameIn(known.claims.length, step.claim)
    const item = this.#taken(known.claims[claim])
    if (!item) throw new ModelFault('NOT_FOUND')
    const answer = answerOf(step)
    const before = item.given.find((opinion) => opinion.claim === claim)
    if (before?.outcome === step.outcome) {
      if (!item.hasText || (before.note === step.note && before.answer === answer)) return seen(item)
    }
    requireUndecided(item)
    if (item.hands?.claim !== claim) throw new ModelFault('LEASE_LOST')
    if (step.stale) throw new ModelFault('CHANGED')
    if (step.outcome === 'edit' && item.kind !== 'output') throw new ModelFault('OUTCOME')
    if (step.outcome === 'answer' && item.kind === 'audit') throw new ModelFault('OUTCOME')
    const by = item.hands.reviewer
    const opinion = { by, claim, outcome: step.outcome, note: step.note, answer, at: this.#now }
    const given = [...item.given, opinion]
    const outcomes = given.map(({ outcome }) => outcome)
    const agreed = outcomes.length === 2 && outcomes[0] === outcomes[1]
    if (item.opinions === 2 && outcomes.length < 3 && !agreed) {
      this.#change(item, { state: 'open', hands: undefined, given }, 'opinion', by)
    } else if (item.undoMs > 0) {
      const effectAt = Math.min(this.#now + item.undoMs, item.deadlineAt ?? item.expiresAt)
      this.#change(item, { state: 'decided', hands: undefined, given, effectAt }, 'decided', by)
    } else {
      this.#change(item, { state: finalState(step.outcome), hands: undefined, given }, 'decided', by)
    }
    return seen(item)
  }

  #undo(step: Extract<QueueStep, { call: 'undo' }>, known: KnownNames): unknown {
    const claim = nameIn(known.claims.length, step.claim)
    const item = this.#taken(known.claims[claim])
    if (!item) throw new ModelFault('NOT_FOUND')
    const last = item.given.at(-1)
    if (item.state !== 'decided' || last?.claim !== claim) throw new ModelFault('UNDO_REFUSED')
    const given = item.given.slice(0, -1)
    this.#change(item, { state: 'open', given, effectAt: undefined }, 'undone', last.by)
    return seen(item)
  }

  #useGrant(step: Extract<QueueStep, { call: 'useGrant' }>, known: KnownNames): boolean {
    const item = this.#named(step.item, known)
    if (!item || item.kind === 'audit' || item.grantUsedAt !== undefined || !item.hasText) return false
    const approved = item.state === 'approved' && item.given.at(-1)?.outcome === 'approve'
    if (!approved && !(item.state === 'expired' && item.otherwise === 'allow')) return false
    if (step.content !== item.content || step.binding !== 'binding') return false
    this.#change(item, { grantUsedAt: this.#now }, 'grant-used', 'parapet')
    return true
  }

  #offerAppeal(step: Extract<QueueStep, { call: 'offerAppeal' }>, known: KnownNames): number {
    const item = this.#named(step.item, known)
    if (!item || (step.tenant ?? item.tenant) !== item.tenant) throw new ModelFault('NOT_FOUND')
    if (!canBeAppealed(item) || item.appealedBy !== undefined) throw new ModelFault('APPEAL_REFUSED')
    this.#tokens = [...this.#tokens, item.number]
    this.#change(item, { token: this.#tokens.length - 1 }, 'appeal-offered', 'parapet')
    return this.#tokens.length
  }

  #appeal(step: Extract<QueueStep, { call: 'appeal' }>, known: KnownNames): unknown {
    const token = nameIn(known.tokens.length, step.token)
    const item = this.#taken(known.tokens[token])
    if (!item || item.token !== token) throw new ModelFault('APPEAL_REFUSED')
    const there = this.items[item.appealedBy ?? -1]
    if (there) return seen(there)
    if (!canBeAppealed(item)) throw new ModelFault('APPEAL_REFUSED')
    const appealing: ModelItem = {
      ...nothingYet,
      number: this.items.length,
      tenant: item.tenant,
      subject: item.subject,
      kind: item.kind,
      content: item.content,
      deadlineAt: Math.min(this.#now + step.withinMs, item.expiresAt),
      otherwise: 'block',
      expiresAt: item.expiresAt,
      opinions: 1,
      undoMs: item.undoMs,
      appeals: item.number,
      barred: item.given.map(({ by }) => by),
      team: item.team,
      priority: item.priority,
      escalation: undefined,
    }
    this.items.push(appealing)
    this.atHand.add(appealing.number)
    this.log.push({ kind: 'enqueued', item: appealing.number, at: this.#now, actor: 'end-user' })
    this.#change(item, { appealedBy: appealing.number }, 'appealed', 'end-user')
    return seen(appealing)
  }

  #erase(step: Extract<QueueStep, { call: 'erase' }>): number {
    const theirs = this.items.filter(
      (item) => item.tenant === step.tenant && item.subject === step.subject && item.hasText,
    )
    for (const item of theirs) {
      if (isUndecided(item) || item.state === 'decided') {
        const opinion = {
          by: 'parapet',
          claim: undefined,
          outcome: 'reject',
          note: undefined,
          answer: undefined,
          at: this.#now,
        }
        const given = [...item.given, opinion]
        const to = { state: 'rejected', hands: undefined, effectAt: undefined, given } as const
        this.#change(item, to, 'decided', 'parapet')
      }
      this.#loseText(item, this.#now)
    }
    return theirs.length
  }

  #named(item: number, known: KnownNames): ModelItem | undefined {
    return this.#taken(nameIn(known.items, item))
  }

  #taken(number = -1): ModelItem | undefined {
    const item = this.items[number]
    if (item) this.atHand.add(number)
    return item
  }

  #inHands(back: number, known: KnownNames): ModelItem {
    const claim = nameIn(known.claims.length, back)
    const item = this.#taken(known.claims[claim])
    if (!item) throw new ModelFault('NOT_FOUND')
    if (item.hands?.claim !== claim) throw new ModelFault('LEASE_LOST')
    return item
  }

  #loseText(item: ModelItem, at: number): void {
    const given = item.given.map((opinion) => ({ ...opinion, note: undefined, answer: undefined }))
    for (const [slot, other] of this.#keys) if (other === item) this.#keys.delete(slot)
    const to = { hasText: false, erasedAt: at, given, content: 'erased' }
    this.#change(item, to, 'erased', 'parapet', at)
  }

  #change(item: ModelItem, to: Partial<ModelItem>, kind: string, actor: string, at = this.#now): void {
    Object.assign(item, to)
    item.revision += 1
    this.atHand.add(item.number)
    this.log.push({ kind, item: item.number, at, actor })
  }

  #pass(): void {
    for (;;) {
      const due = this.items
        .map((item) => ({ item, at: dueAt(item) }))
        .filter(({ at }) => at <= this.#now)
        .sort((one, other) => one.at - other.at || one.item.number - other.item.number)[0]
      if (!due) return
      this.fellDue.add(this.log.length)
      this.#fallDue(due.item, due.at)
    }
  }

  #fallDue(item: ModelItem, at: number): void {
    const { hands, escalation } = item
    if (item.state === 'decided') {
      const state = finalState(item.given.at(-1)?.outcome)
      this.#change(item, { state, effectAt: undefined }, 'effected', 'parapet', at)
    } else if (!isUndecided(item)) {
      this.#loseText(item, at)
    } else if (at >= (item.deadlineAt ?? item.expiresAt)) {
      this.#change(item, { state: 'expired', hands: undefined }, 'expired', 'parapet', at)
    } else if (hands && at >= hands.leaseUntil) {
      this.#change(item, { state: 'open', hands: undefined }, 'lapsed', 'parapet', at)
    } else if (escalation) {
      const { team, priority } = escalation
      const to = { team, priority, escalation: undefined, escalatedAt: at }
      this.#change(item, to, 'escalated', 'parapet', at)
    }
  }
}

/** What an item has when it comes to be. */
const nothingYet = {
  state: 'open',
  revision: 1,
  hasText: true,
  hands: undefined,
  given: [],
  skippedBy: [],
  effectAt: undefined,
  escalatedAt: undefined,
  token: undefined,
  appealedBy: undefined,
  grantUsedAt: undefined,
  erasedAt: undefined,
} as const

/** What callers see of an item: of opinions nothing, as long as more may be given. */
function seen(item: ModelItem): unknown {
  const opinions = item.given.map(({ claim: _, ...opinion }) => opinion)
  const { state } = item
  const decided = state === 'decided' || state === 'approved' || state === 'rejected'
  return {
    number: item.number,
    tenant: item.tenant,
    subject: item.subject,
    kind: item.kind,
    team: item.team,
    priority: item.priority,
    content: item.content,
    deadlineAt: item.deadlineAt,
    otherwise: item.otherwise,
    expiresAt: item.expiresAt,
    state,
    revision: item.revision,
    hasText: item.hasText,
    hands: item.hands,
    decision: decided ? opinions.at(-1) : undefined,
    given: isUndecided(item) || opinions.length === 0 ? undefined : opinions,
    effectAt: item.effectAt,
    escalatedAt: item.escalatedAt,
    appeals: item.appeals,
    appealedBy: item.appealedBy,
    grantUsedAt: item.grantUsedAt,
    erasedAt: item.erasedAt,
  }
}

function isAt(
  item: ModelItem,
  place: { readonly tenant: string | undefined; readonly team: string | undefined },
): boolean {
  return (place.tenant ?? item.tenant) === item.tenant && (place.team ?? item.team) === item.team
}

function isUndecided({ state }: ModelItem): boolean {
  return state === 'open' || state === 'claimed'
}

function requireUndecided(item: ModelItem): void {
  if (item.state === 'expired') throw new ModelFault('EXPIRED')
  if (!isUndecided(item)) throw new ModelFault('DECIDED')
}

function isBarred(item: ModelItem, reviewer: string): boolean {
  return item.barred.includes(reviewer) || item.given.some(({ by }) => by === reviewer)
}

function canBeAppealed(item: ModelItem): boolean {
  if (item.kind === 'audit' || item.appeals !== undefined || !item.hasText) return false
  return item.state === 'rejected' || (item.state === 'expired' && item.otherwise === 'block')
}

function finalState(outcome: string | undefined): 'approved' | 'rejected' {
  return outcome === 'reject' ? 'rejected' : 'approved'
}

function dueAt(item: ModelItem): number {
  if (item.state === 'decided') return item.effectAt ?? NEVER
  if (!isUndecided(item)) return item.hasText ? item.expiresAt : NEVER
  const deadline = item.deadlineAt ?? item.expiresAt
  const escalates = item.escalation?.at ?? NEVER
  return Math.min(item.hands?.leaseUntil ?? NEVER, deadline, escalates < deadline ? escalates : NEVER)
}

function inOrder(one: ModelItem, other: ModelItem): number {
  const never = Number.MAX_SAFE_INTEGER
  return (
    other.priority - one.priority ||
    (one.deadlineAt ?? never) - (other.deadlineAt ?? never) ||
    one.number - other.number
  )
}
