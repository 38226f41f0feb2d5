import type * as FastCheck from 'fast-check'
import { isParapetError } from '../../errors/parapet-error.ts'
import { REVIEW_STATES, type ReviewDecision, type ReviewItem } from '../../review/review-item.ts'
import type { ReviewClaim, ReviewQueue } from '../../review/review-queue.ts'
import {
  assertSame,
  type ManualClock,
  manualClock,
  newReviewItem,
  type OpenQueue,
  type OpenQueueForTest,
} from './harness.ts'
import { QueueModel } from './queue-model.ts'
import {
  answerOf,
  type FastCheckLibrary,
  nameIn,
  type QueueRound,
  type QueueStep,
  queueRound,
} from './queue-steps.ts'

/**
 * The property that a queue gives what a plain model gives, for any calls by any reviewers at any times, also when many
 * are made at once: `await fc.assert(queueAgreesWithModel(fc, open), { seed, numRuns })`.
 */
export function queueAgreesWithModel(fc: FastCheckLibrary, open: OpenQueueForTest) {
  const some = fc.array(queueRound(fc), { minLength: 1, maxLength: 12, size: 'max' })
  const rounds = fc.commands([some.map((rounds) => new RoundsCommand(rounds))], { size: '+1' })
  return fc.asyncProperty(rounds, async (commands) => {
    const clock = manualClock()
    const store = await open({ now: clock.now })
    try {
      const real = new RealQueue(store, clock, await store.another())
      const model = new QueueModel(clock.now())
      await fc.asyncModelRun(() => ({ model, real }), commands)
      assertSame(await real.log(), model.log)
    } finally {
      await store.dispose()
    }
  })
}

/** Several rounds in a row: sequences of commands alone come out too short for what takes many steps. */
class RoundsCommand implements FastCheck.AsyncCommand<QueueModel, RealQueue> {
  readonly #rounds: readonly QueueRound[]

  constructor(rounds: readonly QueueRound[]) {
    this.#rounds = rounds
  }

  check(): boolean {
    return true
  }

  async run(model: QueueModel, real: RealQueue): Promise<void> {
    for (const round of this.#rounds) {
      const { known } = model
      model.advance(round.advanceMs)
      const expected = round.steps.map((step) => model.run(step, known))
      assertSame(await real.run(round), expected)
    }
  }

  toString(): string {
    return JSON.stringify(this.#rounds)
  }
}

/** A queue whose items and claims are named by their order, as the model's are. */
class RealQueue {
  readonly #queues: readonly [ReviewQueue, ReviewQueue]
  readonly #clock: ManualClock
  readonly #ids: string[] = []
  readonly #claims: { readonly id: string; readonly token: string }[] = []
  /** Appeal tokens, by the order of their offers. */
  readonly #tokens: string[] = []

  constructor({ queue }: OpenQueue, clock: ManualClock, another: ReviewQueue) {
    this.#queues = [queue, another]
    this.#clock = clock
  }

  async run({ advanceMs, handle, steps }: QueueRound): Promise<unknown[]> {
    this.#clock.advance(advanceMs)
    const queue = this.#queues[handle]
    // None waits for another; names are given in the order of the calls.
    const calls = steps.map((step) => this.#call(queue, step))
    const results = await Promise.allSettled(calls)
    return results.map((result, index) => {
      if (result.status === 'fulfilled') return { value: this.#named(steps[index], result.value) }
      if (isParapetError(result.reason)) return { code: result.reason.code }
      throw result.reason
    })
  }

  async log(): Promise<unknown[]> {
    const events = []
    for (let after = 0; ; after += 1_000) {
      const page = await this.#queues[0].events({ after, limit: 1_000 })
      events.push(...page)
      if (page.length < 1_000) break
    }
    return events.map(({ kind, itemId, at, actor }) => ({ kind, item: this.#ids.indexOf(itemId), at, actor }))
  }

  async #call(queue: ReviewQueue, step: QueueStep): Promise<unknown> {
    // A name that nothing has yet.
    const item = (back: number) => this.#ids[nameIn(this.#ids.length, back)] ?? 'no-such-item'
    const claim = (back: number) =>
      this.#claims[nameIn(this.#claims.length, back)] ?? { id: 'no-such-item', token: 'none' }
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
          token: this.#tokens[nameIn(this.#tokens.length, step.token)] ?? 'no-such-token',
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

  #named(step: QueueStep | undefined, value: unknown): unknown {
    switch (step?.call) {
      case 'claim':
      case 'extend':
        return value === undefined ? undefined : this.#claim(value as ReviewClaim)
      case 'enqueue':
      case 'decide':
      case 'undo':
      case 'appeal':
      case 'view':
      case 'get':
        return value === undefined ? undefined : this.#item(value as ReviewItem)
      case 'list':
        return (value as { items: ReviewItem[] }).items.map(({ id }) => this.#ids.indexOf(id))
      case 'count':
        return REVIEW_STATES.map((state) => (value as Record<string, number>)[state])
      case 'offerAppeal':
        return this.#tokens.push((value as { token: string }).token)
      default:
        return value
    }
  }

  #claim({ item, token, leaseUntil }: ReviewClaim): unknown {
    if (item.claim?.token !== token || item.claim.leaseUntil !== leaseUntil)
      throw new Error('a claim differs from its item')
    return this.#item(item)
  }

  #item(item: ReviewItem): unknown {
    if (!this.#ids.includes(item.id)) this.#ids.push(item.id)
    const { claim, decision, given } = item
    const numberOf = (id: string | undefined) => (id === undefined ? undefined : this.#ids.indexOf(id))
    if (claim && !this.#claims.some(({ token }) => token === claim.token)) {
      this.#claims.push({ id: item.id, token: claim.token })
    }
    return {
      number: this.#ids.indexOf(item.id),
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
        claim: this.#claims.findIndex(({ token }) => token === claim.token),
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
}

function said({ reviewer, outcome, note, answer, decidedAt }: ReviewDecision): unknown {
  return { by: reviewer, outcome, note, answer, at: decidedAt }
}
