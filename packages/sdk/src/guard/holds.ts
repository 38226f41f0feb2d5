import type { Decision, Hold } from '../decision/decision.ts'
import { sdkError } from '../errors/codes.ts'
import { sha256Hex } from '../json/digest.ts'
import type { HoldEnd } from '../record/decision-record.ts'
import type { NewReviewItem, ReviewContent, ReviewItem, ReviewKind } from '../review/review-item.ts'
import type { RequestContext } from '../subject/subject.ts'
import { contentDigest } from './content-digest.ts'
import type { ResolvedGuardOptions } from './guard-options.ts'

/** What goes before a reviewer. */
export interface Held {
  readonly kind: ReviewKind
  readonly decision: Decision
  readonly content: ReviewContent
  /** What a grant stands for: the content in one string. */
  readonly digestOf: string
  readonly context: RequestContext
}

/** A retry of the same request finds its review again; other content under the same id is another review. */
function itemKey(
  of: Pick<Held, 'kind' | 'decision' | 'digestOf'> & { readonly requestId: string | undefined },
): string {
  const { kind, decision, digestOf, requestId } = of
  if (requestId === undefined) return decision.id
  return `${kind}:${requestId}:${sha256Hex(`${decision.policy.bindingHash}\n${digestOf}`).slice(0, 32)}`
}

function newItem(
  { kind, decision, content, digestOf, context }: Held,
  hold: Hold | undefined,
  retentionMs: number,
): NewReviewItem {
  const tenant = context.tenant ?? 'default'
  const key = itemKey({ kind, decision, digestOf, requestId: context.requestId })
  const now = Date.now()
  return {
    key,
    kind,
    tenant,
    ...(context.subjectKey === undefined ? {} : { subjectKey: context.subjectKey }),
    decisionId: decision.id,
    bindingHash: decision.policy.bindingHash,
    contentDigest: contentDigest(digestOf, `${tenant}:${key}`),
    content,
    reasons: decision.reasons,
    edits: decision.edits,
    ...(hold ? { deadlineAt: now + hold.withinMs, otherwise: hold.otherwise } : {}),
    expiresAt: now + Math.max(retentionMs, hold?.withinMs ?? 0),
  }
}

/** Puts an item on the queue: durable when this resolves. */
async function enqueue(
  held: Held,
  hold: Hold | undefined,
  options: ResolvedGuardOptions,
): Promise<ReviewItem> {
  if (!options.queue) throw sdkError('PARAPET_GUARD_QUEUE_MISSING', undefined)
  return options.queue.enqueue(newItem(held, hold, options.retentionMs))
}

/** Puts a passing item before a person, for later. */
export async function enqueueAudit(held: Held, options: ResolvedGuardOptions): Promise<void> {
  await enqueue({ ...held, kind: 'audit' }, undefined, options)
}

/** Whether an item's state lets its content pass. */
export const isApproved = (item: ReviewItem): boolean =>
  item.state === 'approved' || (item.state === 'expired' && item.otherwise === 'allow')

/** Whether an item is still waiting for its decision. */
export const isPending = (item: ReviewItem): boolean => item.state === 'open' || item.state === 'claimed'

/** How a hold ended for the caller that waited. */
export interface HoldOutcome {
  readonly kind: 'approved' | 'denied' | 'ticket'
  readonly ticket: string
}

/** Holds content: stores it, waits as long as the policy says, and records how it ended. */
export async function awaitReview(
  held: Held,
  hold: Hold,
  options: ResolvedGuardOptions,
  signal: AbortSignal | undefined,
): Promise<HoldOutcome> {
  const stored = await enqueue(held, hold, options)
  const queue = options.queue as NonNullable<typeof options.queue>
  const waiting =
    hold.waitMs === 0
      ? Promise.resolve(stored)
      : queue.wait(stored.id, { timeoutMs: waitFor(hold), ...(signal ? { signal } : {}) })
  const item = await waiting.catch(async (error: unknown) => {
    // The caller is gone; the item stays, and so must the trace of it.
    await recordHoldEnd(stored, options)
    throw error
  })
  const grant = {
    ticket: item.id,
    contentDigest: stored.contentDigest,
    bindingHash: held.decision.policy.bindingHash,
  }
  const approved = isApproved(item) && (await queue.useGrant(grant))
  const kind = isPending(item) ? 'ticket' : approved ? 'approved' : 'denied'
  await recordHoldEnd(item, options)
  return { kind, ticket: item.id }
}

/** Records how a hold stands, for the caller that learns of it. */
export async function recordHoldEnd(item: ReviewItem, options: ResolvedGuardOptions): Promise<void> {
  await options.records?.append({
    kind: 'hold-end',
    decisionId: item.decisionId,
    tenant: item.tenant,
    end: holdEnd(item),
    expiresAt: Date.now() + options.retentionMs,
  })
}

/** What timers can count to: 24.8 days. Who would wait longer gets a ticket. */
const LONGEST_TIMER_MS = 2_147_483_647

/** Who waits to the deadline waits a little longer: timers may fire early, and `otherwise` holds from the deadline on. */
const waitFor = ({ waitMs, withinMs }: Hold): number =>
  Math.min(waitMs < withinMs ? waitMs : withinMs + 1_000, LONGEST_TIMER_MS)

function holdEnd(item: ReviewItem): HoldEnd {
  const outcome = isPending(item) ? 'ticket-given' : (item.state as 'approved' | 'rejected' | 'expired')
  return { ticket: item.id, outcome, ...(item.decision ? { reviewer: item.decision.reviewer } : {}) }
}
