import { usage } from '../../command.ts'
import { answer, needId, type Verb } from './call.ts'

/** Takes back a decision that is not in effect yet. */
export const undo: Verb = async (call) => {
  const id = await needId(call)
  const { token } = call.values
  if (token === undefined) throw usage('review', 'undo takes --token TOKEN, which decide printed.')
  const item = await call.queue.undo({ id, token })
  return answer(call, item, () => `${item.id} ${item.state}`)
}
