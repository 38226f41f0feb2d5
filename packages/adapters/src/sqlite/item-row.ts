import type { ReviewDecision, ReviewKind, ReviewState, StoredItem } from '@parapet/sdk'
import { QueueFault } from './queue-fault.ts'

/** A row of `review_item`, joined with its text. */
export interface ItemRow {
  readonly seq: number
  readonly id: string
  readonly tenant: string
  readonly subject_key: string | null
  readonly expires_at: number
  readonly key: string
  readonly kind: ReviewKind
  readonly decision_id: string
  readonly binding_hash: string
  readonly content_digest: string
  readonly reasons: string
  readonly edits: string
  readonly priority: number
  readonly deadline_at: number | null
  readonly deadline_rank: number
  readonly otherwise: 'allow' | 'block' | null
  readonly created_at: number
  readonly state: ReviewState
  readonly revision: number
  readonly claim_reviewer: string | null
  readonly claim_token: string | null
  readonly lease_until: number | null
  readonly decided_by: string | null
  readonly decided_outcome: ReviewDecision['outcome'] | null
  readonly decided_reason: string | null
  readonly decided_at: number | null
  readonly decided_token: string | null
  readonly grant_used_at: number | null
  readonly erased_at: number | null
  readonly due_at: number | null
  readonly content: string | null
  readonly note: string | null
}

/** @throws QueueFault when an item can be decided no more */
export function requireUndecided({ id, state, otherwise }: ItemRow): void {
  if (state === 'expired')
    throw new QueueFault('PARAPET_QUEUE_EXPIRED', { id, otherwise: otherwise ?? 'nothing' })
  if (state === 'approved' || state === 'rejected')
    throw new QueueFault('PARAPET_QUEUE_DECIDED', { id, state })
}

/** When an undecided item expires: an audit, which has no deadline, when its text goes. */
export function deadlineOf(row: Pick<ItemRow, 'deadline_at' | 'expires_at'>): number {
  return row.deadline_at ?? row.expires_at
}

/** The item for callers. */
export function toStoredItem(row: ItemRow): StoredItem {
  return {
    id: row.id,
    key: row.key,
    kind: row.kind,
    tenant: row.tenant,
    ...(row.subject_key !== null && { subjectKey: row.subject_key }),
    decisionId: row.decision_id,
    bindingHash: row.binding_hash,
    contentDigest: row.content_digest,
    ...(row.content !== null && { contentJson: row.content }),
    reasons: JSON.parse(row.reasons) as StoredItem['reasons'],
    edits: JSON.parse(row.edits) as StoredItem['edits'],
    priority: row.priority,
    ...(row.deadline_at !== null && { deadlineAt: row.deadline_at }),
    ...(row.otherwise !== null && { otherwise: row.otherwise }),
    expiresAt: row.expires_at,
    state: row.state,
    createdAt: row.created_at,
    revision: row.revision,
    ...claimOf(row),
    ...decisionOf(row),
    ...(row.grant_used_at !== null && { grantUsedAt: row.grant_used_at }),
    ...(row.erased_at !== null && { erasedAt: row.erased_at }),
  }
}

function claimOf(row: ItemRow): Pick<StoredItem, 'claim'> {
  const { claim_reviewer: reviewer, claim_token: token, lease_until: leaseUntil } = row
  if (reviewer === null || token === null || leaseUntil === null) return {}
  return { claim: { reviewer, token, leaseUntil } }
}

function decisionOf(row: ItemRow): Pick<StoredItem, 'decision'> {
  const { decided_by: reviewer, decided_outcome: outcome, decided_at: decidedAt } = row
  if (reviewer === null || outcome === null || decidedAt === null) return {}
  return {
    decision: {
      reviewer,
      outcome,
      ...(row.decided_reason !== null && { reason: row.decided_reason }),
      ...(row.note !== null && { note: row.note }),
      decidedAt,
    },
  }
}
