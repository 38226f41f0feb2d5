import type { Decision, Hold } from '../decision/decision.ts'
import { sdkError } from '../errors/codes.ts'
import { sha256Hex } from '../json/digest.ts'
import type { HoldEnd } from '../record/decision-record.ts'
import type { NewReviewItem, ReviewContent, ReviewItem, ReviewKind } from '../review/review-item.ts'
import { routedFields, routeReview } from '../review/review-route.ts'
import type { RequestContext } from '../subject/subject.ts'
import { contentDigest } from './content-digest.ts'
import { type ResolvedGuardOptions, retentionOf } from './guard-options.ts'
import { reviewLanguage } from './review-language.ts'

/** What goes before a reviewer. */
export interface Held {
  readonly kind: ReviewKind
  readonly decision: Decision
  readonly content: ReviewContent
  /** What a grant stands for: the content in one string. */
  readonly digestOf: string
  readonly context: RequestContext
  /** Audits: with which probability it was put here. */
  readonly probability?: number
}

/**
 * A retry of the same request finds its review again; other content under the same id is another review, and so is another
 * kind: what is held may be in the random slice, too.
 */
function itemKey(
  of: Pick<Held, 'kind' | 'decision' | 'digestOf'> & { readonly requestId: string | undefined },
): string {
  const { kind, decision, digestOf, requestId } = of
  if (requestId === undefined) return `${kind}:${decision.id}`
  return `${kind}:${requestId}:${sha256Hex(`${decision.policy.bindingHash}\n${digestOf}`).slice(0, 32)}`
}

async function newItem(
  { kind, decision, content, digestOf, context, probability }: Held,
  hold: Hold | undefined,
  options: ResolvedGuardOptions,
): Promise<NewReviewItem> {
  const tenant = context.tenant ?? 'default'
  const key = itemKey({ kind, decision, digestOf, requestId: context.requestId })
  const { id, version, policyHash } = decision.policy
  const { reasons } = decision
  const language = await reviewLanguage(content, options.routes)
  const facts = { kind, tenant, reasons, policyId: id, ...(language === undefined ? {} : { language }) }
  const route = routeReview(options.routes, facts)
  const now = Date.now()
  const withinMs = hold && Math.min(hold.withinMs, route?.withinMs ?? hold.withinMs)
  return {
    key,
    kind,
    tenant,
    ...(context.subjectKey === undefined ? {} : { subjectKey: context.subjectKey }),
    decisionId: decision.id,
    bindingHash: decision.policy.bindingHash,
    policy: { id, version, policyHash },
    contentDigest: contentDigest(digestOf, `${tenant}:${key}`),
    content,
    reasons,
    edits: decision.edits,
    ...(language === undefined ? {} : { language }),
    ...routedFields(route, now),
    ...(probability === undefined ? {} : { probability }),
    ...(hold && withinMs !== undefined ? { deadlineAt: now + withinMs, otherwise: hold.otherwise } : {}),
    expiresAt: now + Math.max(retentionOf(options, tenant), withinMs ?? 0),
  }
}

/** Puts an item on the queue: durable when this resolves. */
async function enqueue(
  held: Held,
  hold: Hold | undefined,
  options: ResolvedGuardOptions,
): Promise<ReviewItem> {
  if (!options.queue) throw sdkError('PARAPET_GUARD_QUEUE_MISSING', undefined)
  return options.queue.enqueue(await newItem(held, hold, options))
}

/** Puts a passing item before a person, for later. */
export async function enqueueAudit(held: Held, options: ResolvedGuardOptions): Promise<void> {
  await enqueue({ ...held, kind: 'audit' }, undefined, options)
}

/** Whether an item's state lets its content pass. */
export const isApproved = (item: ReviewItem): boolean =>
  item.state === 'approved' || (item.state === 'expired' && item.otherwise === 'allow')

/** Whether an item is still waiting for its decision, or the decision for its effect. */
export const isPending = ({ state }: ReviewItem): boolean =>
  state === 'open' || state === 'claimed' || state === 'decided'

/** Whether a reviewer wrote what goes out in the place of the model's answer. */
export const isAnswered = ({ state, decision }: ReviewItem): boolean =>
  state === 'approved' && (decision?.outcome === 'edit' || decision?.outcome === 'answer')

/** How a hold ended for the caller that waited. Who has a ticket resumes it: at once, where a reviewer answered. */
export interface HoldOutcome {
  readonly kind: 'approved' | 'denied' | 'ticket'
  readonly ticket: string
}

/**
 * Holds content: stores it, waits as long as the policy says, and records how it ended. A wait that fails ends with a ticket.
 * @throws PARAPET_GRANT_REFUSED for a request that was approved and went through already
 */
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
      : queue.wait(stored.id, {
          tenant: stored.tenant,
          timeoutMs: waitFor(hold),
          ...(signal ? { signal } : {}),
        })
  const item = await waiting.catch(async (error: unknown) => {
    // Where the caller is gone, the item stays, and so must the trace of it.
    if (!signal?.aborted) return undefined
    await recordHoldEnd(stored, options)
    throw error
  })
  // The wait failed, the review did not: it is stored, and its ticket leads to it.
  if (item === undefined) {
    await recordHoldEnd(stored, options)
    return { kind: 'ticket', ticket: stored.id }
  }
  const grant = {
    ticket: item.id,
    tenant: item.tenant,
    contentDigest: stored.contentDigest,
    bindingHash: held.decision.policy.bindingHash,
  }
  const isGranted = isApproved(item) && !isAnswered(item)
  const isUsable = isGranted && (await queue.useGrant(grant))
  await recordHoldEnd(item, options)
  if (isPending(item) || isAnswered(item)) return { kind: 'ticket', ticket: item.id }
  if (!isGranted) return { kind: 'denied', ticket: item.id }
  if (isUsable) return { kind: 'approved', ticket: item.id }
  // A retry of what was approved and went through: nobody denied it. An answer can be resumed as often as one likes; a
  // request goes through once.
  if (held.kind === 'output') return { kind: 'ticket', ticket: item.id }
  throw sdkError('PARAPET_GRANT_REFUSED', undefined)
}

/** Records how a hold stands, for the caller that learns of it. */
export async function recordHoldEnd(item: ReviewItem, options: ResolvedGuardOptions): Promise<void> {
  await options.records?.append({
    kind: 'hold-end',
    decisionId: item.decisionId,
    tenant: item.tenant,
    end: holdEnd(item),
    expiresAt: Date.now() + retentionOf(options, item.tenant),
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
