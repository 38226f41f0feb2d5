import type { ReviewInput } from '../review-store.ts'
import type { NewStoredItem, StoredItem } from '../stored-item.ts'
import { change, entry, PARAPET } from './change.ts'
import { newItem } from './enqueue.ts'
import { queueFault } from './queue-fault.ts'
import { findItem, requireItem } from './require-item.ts'
import { ask, type RowProgram } from './review-rows.ts'

/** Who acts when an end user does. */
const END_USER = 'end-user'

/** Stores the digest of an appeal token in the place of the one before. */
export function* offerAppeal(at: number, offer: ReviewInput<'offerAppeal'>): RowProgram<void> {
  const item = yield* requireItem('offerAppeal', offer)
  if (!canBeAppealed(item) || item.appealedBy !== undefined)
    throw queueFault('PARAPET_QUEUE_APPEAL_REFUSED', { call: 'offerAppeal' })
  const event = entry('appeal-offered', at, PARAPET)
  yield* ask('update', change({ ...item, appealDigest: offer.digest }, event))
}

/** Opens the appeal that a token allows, or finds it. */
export function* appeal(at: number, given: ReviewInput<'appeal'>): RowProgram<StoredItem> {
  const refused = () => queueFault('PARAPET_QUEUE_APPEAL_REFUSED', { call: 'appeal' })
  const item = yield* findItem(given)
  // Both are SHA-256 of what only the token's holder knows: where they differ tells nothing of it.
  if (!item || item.appealDigest !== given.digest) throw refused()
  if (item.appealedBy !== undefined)
    return yield* requireItem('appeal', { id: item.appealedBy, tenant: item.tenant })
  if (!canBeAppealed(item)) throw refused()
  const appealing: StoredItem = {
    ...newItem(at, appealOf(item, at, given)),
    appeals: item.id,
    barred: [...item.barred, ...item.given.map(({ reviewer }) => reviewer)],
  }
  const { kind, priority, team } = appealing
  const enqueued = entry('enqueued', at, END_USER, { kind, priority, team, appeals: item.id })
  const stored = yield* ask('insert', { item: appealing, event: enqueued })
  if (!stored) throw refused()
  const appealed = entry('appealed', at, END_USER, { by: appealing.id })
  yield* ask('update', change({ ...item, appealedBy: appealing.id }, appealed))
  return appealing
}

/** One appeal an item, none against an appeal, and none about a text that nobody can read any more. */
function canBeAppealed(item: StoredItem): boolean {
  const denied = item.state === 'rejected' || (item.state === 'expired' && item.otherwise === 'block')
  return denied && item.kind !== 'audit' && item.appeals === undefined && item.contentJson !== undefined
}

function appealOf(item: StoredItem, at: number, given: ReviewInput<'appeal'>): NewStoredItem {
  const { subjectKey, policy, language, statement, expiresAt } = { ...item, ...given }
  return {
    key: `appeal:${item.id}`,
    kind: item.kind,
    tenant: item.tenant,
    ...(subjectKey !== undefined && { subjectKey }),
    decisionId: item.decisionId,
    bindingHash: item.bindingHash,
    ...(policy && { policy }),
    contentDigest: item.contentDigest,
    contentJson: withStatement(item.contentJson ?? '{"messages":[]}', statement),
    reasons: item.reasons,
    edits: item.edits,
    ...(language !== undefined && { language }),
    team: item.team,
    priority: item.priority,
    opinions: 1,
    undoMs: item.undoMs,
    deadlineAt: Math.min(at + given.withinMs, expiresAt),
    otherwise: 'block',
    // The first item's: an appeal keeps no text longer than was promised.
    expiresAt,
  }
}

function withStatement(contentJson: string, statement: string | undefined): string {
  if (statement === undefined) return contentJson
  return JSON.stringify({ ...(JSON.parse(contentJson) as object), statement })
}
