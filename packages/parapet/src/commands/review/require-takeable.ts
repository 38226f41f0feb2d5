import { isParapetError, queueError, type ReviewItem, type ReviewOutcome } from '@parapet/sdk'
import { cliError } from '../../errors/codes.ts'
import type { Call } from './call.ts'

/** A decision that was made elsewhere, of one reviewer. */
export interface GivenDecision {
  readonly id: string
  readonly reviewer: string
  readonly outcome: ReviewOutcome
  readonly reason?: string
  readonly note?: string
  readonly answer?: string
  readonly revision?: number
}

/**
 * Checks whether the queue would take a decision, and takes nothing.
 * @throws PARAPET_CLI_ROW_INVALID, and what the queue would throw
 */
export async function requireTakeable(item: ReviewItem, given: GivenDecision, call: Call): Promise<void> {
  const { id, kind, claim } = item
  const { reviewer, revision, outcome } = given
  // Under an id and a token that are nobody's, the queue checks what it is given, and goes no further.
  await refusedAs('PARAPET_QUEUE_NOT_FOUND', call.queue.claim({ reviewer, id: 'none' }))
  await refusedAs('PARAPET_QUEUE_LEASE_LOST', call.queue.decide({ ...decisionOf(given), token: 'none' }))
  if (revision !== undefined && revision !== item.revision)
    throw queueError('PARAPET_QUEUE_CHANGED', { id, revision: item.revision })
  const fits = outcome === 'edit' ? kind === 'output' : outcome !== 'answer' || kind !== 'audit'
  if (!fits) throw queueError('PARAPET_QUEUE_OUTCOME', { id, kind, outcome })
  if (claim && claim.reviewer !== reviewer)
    throw queueError('PARAPET_QUEUE_CLAIMED', { id, leaseUntil: claim.leaseUntil })
  if ((await opinionsOf(item, call)).includes(reviewer)) throw queueError('PARAPET_QUEUE_BARRED', { id })
  // One person's file must not pass for the opinions of two.
  if (item.opinions > 1 && reviewer !== call.reviewer && !call.values['trust-reviewers']) {
    const problem = 'a second opinion counts under the name of who imports it, or with --trust-reviewers'
    throw cliError('PARAPET_CLI_ROW_INVALID', { problem })
  }
}

const decisionOf = ({ reviewer: _, revision: __, ...given }: GivenDecision) => given

async function refusedAs(code: string, call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!isParapetError(error) || error.code !== code) throw error
  })
}

/** Who gave an opinion on the item, or on what it appeals against. An undo takes back the last. */
async function opinionsOf(item: ReviewItem, { queue }: Call): Promise<readonly string[]> {
  const first =
    item.appeals === undefined ? undefined : await queue.get(item.appeals, { tenant: item.tenant })
  const barred = first?.given?.map(({ reviewer }) => reviewer) ?? []
  const said: string[] = []
  for (const { kind, actor } of await queue.events({ itemId: item.id, tenant: item.tenant, limit: 1_000 })) {
    if (kind === 'opinion' || kind === 'decided') said.push(actor)
    if (kind === 'undone') said.pop()
  }
  return [...barred, ...said]
}
