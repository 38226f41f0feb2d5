import { EXIT } from '../../output/exit-codes.ts'
import { fields } from '../../output/table.ts'
import { answer, type Verb } from './call.ts'

/** Follows the hash chain of the log. */
export const verify: Verb = async (call) => {
  const check = await call.queue.verifyLog()
  await answer(call, check, () => fields(Object.entries(check).map(([name, value]) => [name, String(value)])))
  return check.brokenAt === undefined ? EXIT.ok : EXIT.failed
}
