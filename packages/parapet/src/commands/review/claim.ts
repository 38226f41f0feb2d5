import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { answerItem, optional, placeOf, type Verb } from './call.ts'

/** Takes the first open item, or the one named. */
export const claim: Verb = async (call) => {
  const { queue, reviewer, id, values, streams } = call
  const claimed = await queue.claim({ reviewer, ...optional('id', id), ...placeOf(values) })
  if (claimed) return answerItem(call, claimed.item)
  await print(streams.stderr, 'Nothing is open.')
  return EXIT.failed
}
