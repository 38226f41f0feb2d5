import { usage } from '../../command.ts'
import { cliError } from '../../errors/codes.ts'
import { answer, type Call, namedItem, optional, unknownItem, type Verb } from './call.ts'

/** The claim that this reviewer has on the item named. @throws PARAPET_CLI_ITEM_UNKNOWN */
async function ownClaim(call: Call) {
  const { id, ...scope } = namedItem(call)
  const item = await call.queue.get(id, scope)
  if (!item) throw unknownItem(call)
  if (item.claim?.reviewer !== call.reviewer) throw cliError('PARAPET_CLI_ITEM_UNKNOWN', undefined)
  // A queue shows no tokens; the same reviewer's claim again gives it, and renews a lease that ends now.
  const claimed = await call.queue.claim({ reviewer: call.reviewer, id, ...scope })
  if (!claimed) throw cliError('PARAPET_CLI_ITEM_UNKNOWN', undefined)
  return { id, ...scope, token: claimed.token }
}

/** Puts an item of yours back. */
export const release: Verb = async (call) => {
  const claim = await ownClaim(call)
  await call.queue.release({ ...claim, ...optional('reason', call.values.reason) })
  return answer(call, { id: claim.id, state: 'open' }, () => `${claim.id} open`)
}

/** Puts an item of yours back for others. */
export const skip: Verb = async (call) => {
  const { reason } = call.values
  if (reason === undefined) throw usage('review', 'skip takes --reason CODE.')
  const claim = await ownClaim(call)
  await call.queue.skip({ ...claim, reason })
  return answer(call, { id: claim.id, state: 'open' }, () => `${claim.id} open, for others`)
}
