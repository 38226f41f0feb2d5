import { isParapetError } from '../../errors/parapet-error.ts'
import { REVIEW_STATES, type ReviewDecision, type ReviewItem } from '../../review/review-item.ts'
import type { ReviewClaim, ReviewQueue } from '../../review/review-queue.ts'
import { type ManualClock, newReviewItem, type OpenQueue } from './harness.ts'
import { answerOf, nameIn, type QueueRound, type QueueStep } from './queue-steps.ts'

/** What came to be, in the order in which it did: the names that a model uses. */
export interface Names {
  readonly ids: string[]
  readonly claims: { readonly id: string; readonly token: string }[]
  /** Appeal tokens, by the order of their offers. */
  readonly tokens: string[]
}

/** What a call gave, as it was given. */
export type Given = { readonly value: unknown } | { readonly code: string }

/** An entry of the log, in a model's terms. */
export interface NamedEvent {
  readonly kind: string
  /** -1: an item that has no name. */
  readonly item: number
  readonly at: number
  readonly actor: string
}

/** A queue whose items and claims are named by their order, as the model's are. */
export class RealQueue {
  readonly #queues: readonly [ReviewQueue, ReviewQueue]
  readonly #clock: ManualClock
  #names: Names = { ids: [], claims: [], tokens: [] }

  constructor({ queue }: OpenQueue, clock: ManualClock, another: ReviewQueue) {
    this.#queues = [queue, another]
    this.#clock = clock
  }

  async run({ advanceMs, handle, steps }: QueueRound): Promise<unknown[]> {
    this.#clock.advance(advanceMs)
    const given = await this.callAtOnce(steps.map((step) => ({ handle, step })))
    // Names are given in the order of the calls.
    const { outcomes, names } = this.inOrder(steps, given)
    this.take(names)
    return outcomes
  }

  /** Makes calls of which none waits for another. */
  async callAtOnce(
    calls: readonly { readonly handle: 0 | 1; readonly step: QueueStep }[],
  ): Promise<readonly Given[]> {
    const results = await Promise.allSettled(
      calls.map(({ handle, step }) => this.#call(this.#queues[handle], step)),
    )
    return results.map((result) => {
      if (result.status === 'fulfilled') return { value: result.value }
      if (isParapetError(result.reason)) return { code: result.reason.code }
      throw result.reason
    })
  }

  /** What calls gave in a model's terms, and the names there are, had they been made in this order. */
  inOrder(
    steps: readonly (QueueStep | undefined)[],
    given: readonly (Given | undefined)[],
  ): { outcomes: unknown[]; names: Names } {
    const { ids, claims, tokens } = this.#names
    const names = { ids: [...ids], claims: [...claims], tokens: [...tokens] }
    const outcomes = given.map((one, index) =>
      one && 'value' in one ? { value: named(names, steps[index], one.value) } : one,
    )
    return { outcomes, names }
  }

  get names(): Names {
    return this.#names
  }

  /** Uses these names from now on. */
  take(names: Names): void {
    this.#names = names
  }

  /** The whole log, its items by their names. It has no gap. */
  async log(names: Names = this.#names): Promise<NamedEvent[]> {
    const events = []
    for (let after = 0; ; after += 1_000) {
      const page = await this.#queues[0].events({ after, limit: 1_000 })
      events.push(...page)
      if (page.length < 1_000) break
    }
    const gap = events.findIndex(({ sequence }, index) => sequence !== index + 1)
    if (gap !== -1) throw new Error(`the log has a gap before its entry ${gap + 1}`)
    return events.map(({ kind, itemId, at, actor }) => ({ kind, item: names.ids.indexOf(itemId), at, actor }))
  }

  async #call(queue: ReviewQueue, step: QueueStep): Promise<unknown> {
    // A name that nothing has yet.
    const item = (back: number) => this.#names.ids[nameIn(this.#names.ids.length, back)] ?? 'no-such-item'
    const claim = (back: number) =>
      this.#names.claims[nameIn(this.#names.claims.length, back)] ?? { id: 'no-such-item', token: 'none' }
    const tenantOf = (tenant: string | undefined) => (tenant === undefined ? {} : { tenant })
    const placeOf = ({ tenant, team }: { tenant: string | undefined; team: string | undefined }) => ({
      ...tenantOf(tenant),
      ...(team === undefined ? {} : { team }),
    })
    switch (step.call) {
      case 'enqueue':
        return queue.enqueue(this.#newItem(step))
      case 'claim':
        return queue.claim({
          reviewer: step.reviewer,
          leaseMs: step.leaseMs,
          ...placeOf(step),
          ...(step.item !== undefined && { id: item(step.item) }),
        })
      case 'extend':
        return queue.extend({ ...claim(step.claim), leaseMs: step.leaseMs })
      case 'release':
        return queue.release(claim(step.claim))
      case 'skip':
        return queue.skip({ ...claim(step.claim), reason: 'not-mine' })
      case 'decide': {
        const answer = answerOf(step)
        return queue.decide({
          ...claim(step.claim),
          outcome: step.outcome,
          ...(step.note !== undefined && { note: step.note }),
          ...(answer !== undefined && { answer }),
          ...(step.stale && { revision: 1_000_000 }),
        })
      }
      case 'undo':
        return queue.undo(claim(step.claim))
      case 'offerAppeal':
        return queue.offerAppeal({ id: item(step.item), ...tenantOf(step.tenant) })
      case 'appeal':
        return queue.appeal({
          token: this.#names.tokens[nameIn(this.#names.tokens.length, step.token)] ?? 'no-such-token',
          withinMs: step.withinMs,
        })
      case 'useGrant':
        return queue.useGrant({
          ticket: item(step.item),
          contentDigest: step.content,
          bindingHash: step.binding,
        })
      case 'erase':
        return queue.erase({ tenant: step.tenant, subjectKey: step.subject })
      case 'view':
        return queue.view({ id: item(step.item), reviewer: step.reviewer })
      case 'get':
        return queue.get(item(step.item))
      case 'list':
        return queue.list({ states: step.states, limit: step.limit, ...placeOf(step) })
      case 'count':
        return queue.count(placeOf(step))
    }
  }

  #newItem(step: Extract<QueueStep, { call: 'enqueue' }>) {
    const deadlineAt = this.#clock.now() + step.deadlineInMs
    const {
      deadlineAt: _,
      otherwise: __,
      ...item
    } = newReviewItem({
      key: step.key,
      kind: step.kind,
      tenant: step.tenant,
      subjectKey: step.subject,
      contentDigest: step.content,
      bindingHash: 'binding',
      team: step.team,
      priority: step.priority,
      opinions: step.opinions,
      undoMs: step.undoMs,
      ...(step.escalateInMs !== undefined && {
        escalation: {
          at: this.#clock.now() + step.escalateInMs,
          team: step.escalateTo,
          ...(step.escalatePriority !== undefined && { priority: step.escalatePriority }),
        },
      }),
      expiresAt: deadlineAt + step.textForMs,
    })
    return step.kind === 'audit' ? item : { ...item, deadlineAt, otherwise: step.otherwise }
  }
}

function named(names: Names, step: QueueStep | undefined, value: unknown): unknown {
  switch (step?.call) {
    case 'claim':
    case 'extend':
      return value === undefined ? undefined : namedClaim(names, value as ReviewClaim)
    case 'enqueue':
    case 'decide':
    case 'undo':
    case 'appeal':
    case 'view':
    case 'get':
      return value === undefined ? undefined : namedItem(names, value as ReviewItem)
    case 'list':
      return (value as { items: ReviewItem[] }).items.map(({ id }) => names.ids.indexOf(id))
    case 'count':
      return REVIEW_STATES.map((state) => (value as Record<string, number>)[state])
    case 'offerAppeal':
      return names.tokens.push((value as { token: string }).token)
    default:
      return value
  }
}

function namedClaim(names: Names, { item, token, leaseUntil }: ReviewClaim): unknown {
  if (item.claim?.leaseUntil !== leaseUntil) throw new Error('a claim differs from its item')
  const known = names.claims.findIndex((claim) => claim.token === token)
  const claim = known === -1 ? names.claims.push({ id: item.id, token }) - 1 : known
  return namedItem(names, item, claim)
}

/** Only a claim's own answer has its token: elsewhere an item in somebody's hands is in those of its last claim. */
function namedItem(
  names: Names,
  item: ReviewItem,
  held = names.claims.findLastIndex(({ id }) => id === item.id),
): unknown {
  if (!names.ids.includes(item.id)) names.ids.push(item.id)
  const { claim, decision, given } = item
  const numberOf = (id: string | undefined) => (id === undefined ? undefined : names.ids.indexOf(id))
  return {
    number: names.ids.indexOf(item.id),
    tenant: item.tenant,
    subject: item.subjectKey,
    kind: item.kind,
    team: item.team,
    priority: item.priority,
    content: item.contentDigest,
    deadlineAt: item.deadlineAt,
    otherwise: item.otherwise,
    expiresAt: item.expiresAt,
    state: item.state,
    revision: item.revision,
    hasText: item.content.messages.length > 0,
    hands: claim && {
      reviewer: claim.reviewer,
      claim: held,
      leaseUntil: claim.leaseUntil,
    },
    decision: decision && said(decision),
    given: given?.map(said),
    effectAt: item.effectAt,
    escalatedAt: item.escalatedAt,
    appeals: numberOf(item.appeals),
    appealedBy: numberOf(item.appealedBy),
    grantUsedAt: item.grantUsedAt,
    erasedAt: item.erasedAt,
  }
}

function said({ reviewer, outcome, note, answer, decidedAt }: ReviewDecision): unknown {
  return { by: reviewer, outcome, note, answer, at: decidedAt }
}
