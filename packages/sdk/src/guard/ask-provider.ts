import type { Steering } from '../decision/decision.ts'
import { sdkError } from '../errors/codes.ts'
import type { Message } from '../subject/message.ts'
import type { Asked, Asking, Passage } from './guard.ts'

/** A request as it may be sent, and how the model has to answer it. */
export type JudgedRequest =
  | Passage<readonly Message[]>
  | (Extract<Passage<readonly Message[]>, { kind: 'released' }> & { readonly steering: Steering })

/** What a request's exchange does when its provider is asked. */
export interface AskProviderInput {
  readonly messages: readonly Message[]
  /** Whether the guard asks beside its input rules. */
  readonly speculate: boolean
  /** Whether this request may be sent before it is judged. */
  readonly maySpeculate: () => boolean
  /** Judges the request; `onHold` is called before it waits for a person. */
  readonly judge: (how: { onHold: () => void; steers: boolean }) => Promise<JudgedRequest>
}

/** A call of the provider that may yet come to nothing. */
interface Attempt<Result> {
  readonly answer: Promise<Result>
  /** Aborts the call, and lets go of what it gave. */
  drop(): void
}

const ignore = () => undefined

function begin<Result>(
  { call, discard = ignore }: Asking<Result>,
  messages: readonly Message[],
  steering?: Steering,
): Attempt<Result> {
  const controller = new AbortController()
  // A call that throws at once is one that rejects.
  const answer = (async () => call(messages, controller.signal, steering))()
  answer.catch(ignore)
  return {
    answer,
    drop() {
      controller.abort()
      answer.then(discard).catch(ignore)
    },
  }
}

/**
 * Judges a request and asks the provider: one after the other or, when the guard speculates, side by side. What the
 * provider says before the decision stays here, its errors too; a block and a hold end that call, and whoever a
 * person has approved is asked anew.
 * @throws PARAPET_GUARD_SPECULATION_REFUSED, and whatever judging or the call does
 */
export async function askProvider<Result>(
  asking: Asking<Result>,
  { messages, speculate, maySpeculate, judge }: AskProviderInput,
): Promise<Asked<Result>> {
  const [effect] = asking.effects ?? []
  if (speculate && effect !== undefined)
    throw sdkError('PARAPET_GUARD_SPECULATION_REFUSED', { because: `the request has effects (${effect})` })
  let attempt = speculate && maySpeculate() ? begin(asking, messages) : undefined
  const drop = () => {
    attempt?.drop()
    attempt = undefined
  }
  try {
    const passage = await judge({ onHold: drop, steers: asking.steers === true })
    if (passage.kind !== 'released') {
      drop()
      return passage
    }
    const steering = 'steering' in passage ? passage.steering : undefined
    // What was asked beside the rules answers unsteered.
    if (steering) drop()
    attempt ??= begin(asking, passage.content, steering)
    const { decision, content } = passage
    return { kind: 'answered', decision, content, answer: await attempt.answer }
  } catch (error) {
    drop()
    throw error
  }
}
