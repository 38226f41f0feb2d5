import { answerItem, namedItem, unknownItem, type Verb } from './call.ts'

/** One item with its text; the view is logged. */
export const show: Verb = async (call) => {
  const item = await call.queue.view({ ...namedItem(call), reviewer: call.reviewer })
  if (!item) throw unknownItem(call)
  return answerItem(call, item)
}
