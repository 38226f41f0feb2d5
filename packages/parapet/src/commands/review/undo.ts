import { usage } from '../../command.ts'
import { answer, namedItem, type Verb } from './call.ts'

/** Takes back a decision that is not in effect yet. */
export const undo: Verb = async (call) => {
  const { token } = call.values
  if (token === undefined) throw usage('review', 'undo takes --token TOKEN, which decide printed.')
  const item = await call.queue.undo({ ...namedItem(call), token })
  return answer(call, item, () => `${item.id} ${item.state}`)
}
