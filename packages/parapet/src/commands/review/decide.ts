import { readFile } from 'node:fs/promises'
import type { ReviewOutcome } from '@parapet/sdk'
import { usage } from '../../command.ts'
import { cliError } from '../../errors/codes.ts'
import { answer, type Call, namedItem, optional, type Verb } from './call.ts'

/** One outcome, and the text where it takes one. @throws PARAPET_CLI_USAGE, PARAPET_CLI_INPUT_MISSING */
async function outcomeOf({
  values,
}: Call): Promise<{ readonly outcome: ReviewOutcome; readonly answer?: string }> {
  const given = (['approve', 'reject', 'edit', 'answer'] as const).filter(
    (name) => values[name] !== undefined && values[name] !== false,
  )
  const [outcome] = given
  if (given.length !== 1 || outcome === undefined)
    throw usage('review', 'decide takes one of --approve, --reject, --edit FILE and --answer FILE.')
  const path = values[outcome]
  if (typeof path !== 'string') return { outcome }
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cliError('PARAPET_CLI_INPUT_MISSING', { path, fault: cause.code ?? 'unreadable' }, { cause })
  })
  return { outcome, answer: text.replace(/\n$/, '') }
}

/** Decides an item; claims it first where nobody has. */
export const decide: Verb = async (call) => {
  const { queue, reviewer, values } = call
  const named = namedItem(call)
  const decision = await outcomeOf(call)
  // A claim of the same reviewer is found again under its token, so that each step can be a command of its own.
  const claimed = await queue.claim({ reviewer, ...named })
  if (!claimed) throw cliError('PARAPET_CLI_ITEM_UNKNOWN', undefined)
  const { token } = claimed
  const item = await queue.decide({
    ...named,
    token,
    ...decision,
    ...optional('reason', values.reason),
    ...optional('note', values.note),
  })
  return answer(call, item.effectAt === undefined ? item : { ...item, undoToken: token }, () => {
    const more = item.state === 'open' ? ', for another opinion' : ''
    const undo =
      item.effectAt === undefined
        ? ''
        : `\nuntil ${new Date(item.effectAt).toISOString()}: parapet review undo ${item.id} --token ${token}`
    return `${item.id} ${item.state}${more}${undo}`
  })
}
