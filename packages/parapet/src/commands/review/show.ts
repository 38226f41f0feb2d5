import { cliError } from '../../errors/codes.ts'
import { answerItem, namedItem, type Verb } from './call.ts'

/** One item with its text; the view is logged. */
export const show: Verb = async (call) => {
  const item = await call.queue.view({ ...namedItem(call), reviewer: call.reviewer })
  if (!item) throw cliError('PARAPET_CLI_ITEM_UNKNOWN', undefined)
  return answerItem(call, item)
}
