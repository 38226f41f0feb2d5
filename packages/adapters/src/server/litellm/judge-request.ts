import type { Message, Part } from '@parapet/sdk'
import { judgedRoles } from '../../answer/judged-roles.ts'
import { contextOf } from '../context-of.ts'
import { endUserMessage } from '../end-user-message.ts'
import type { Call } from '../route.ts'
import { litellmContext } from './litellm-context.ts'
import { refusal } from './refusal.ts'
import { type RequestMessages, requestMessages } from './request-messages.ts'
import type { EditHandling, LitellmAnswer, LitellmRequest } from './wire.ts'

const textOf = (part: Part | undefined): string => (part?.type === 'text' ? part.text : '')

/** Whether an edit was made where LiteLLM takes none back: in anything but its texts. */
function editedElsewhere({ messages, places }: RequestMessages, after: readonly Message[]): boolean {
  const known = new Set(places.map(({ message, part }) => `${message}.${part}`))
  return after.some(({ parts }, message) =>
    parts.some(
      (part, index) =>
        !known.has(`${message}.${index}`) && contentOf(part) !== contentOf(messages[message]?.content[index]),
    ),
  )
}

/** What of a part an edit may change. */
function contentOf(part: Part | string | undefined): string | undefined {
  if (typeof part !== 'object') return part
  return part.type === 'tool-call' ? part.input : textOf(part)
}

/** Judges what LiteLLM is about to send to a model: `pre_call` and `during_call`. */
export async function judgeRequest(
  call: Call,
  request: LitellmRequest,
  edits: EditHandling,
): Promise<LitellmAnswer> {
  const asked = requestMessages(request)
  const { messages, places } = asked
  const { context, grant } = litellmContext(request)
  const exchange = call.guard.exchange({
    messages: judgedRoles(messages, call.options.systemMessages),
    context: contextOf(call, context),
    signal: call.signal,
    ...(grant === undefined ? {} : { grant }),
  })
  const passage = await exchange.input()
  const { decision } = passage
  call.decided(decision)
  if (passage.kind !== 'released') return refusal(passage)
  const texts = places.map(({ message, part }) => textOf(passage.content[message]?.parts[part]))
  const edited = texts.some((text, index) => text !== request.texts?.[index])
  const unread = asked.unknownCall && call.guard.policy.document.mode !== 'shadow'
  if (unread || editedElsewhere(asked, passage.content) || (edited && edits === 'refuse'))
    return refusal({ decision, message: endUserMessage(call.guard.policy, context.locale) })
  return edited ? { action: 'GUARDRAIL_INTERVENED', texts } : { action: 'NONE' }
}
