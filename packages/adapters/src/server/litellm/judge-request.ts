import type { Message, MessageInput, Part } from '@parapet/sdk'
import { contextOf } from '../context-of.ts'
import { endUserMessage } from '../end-user-message.ts'
import type { Call } from '../route.ts'
import { litellmContext } from './litellm-context.ts'
import { refusal } from './refusal.ts'
import { requestMessages } from './request-messages.ts'
import type { EditHandling, LitellmAnswer, LitellmRequest } from './wire.ts'

const textOf = (part: Part | undefined): string => (part?.type === 'text' ? part.text : '')

/** Whether an edit was made where LiteLLM takes none back: in the arguments of a tool call. */
function editedToolCall(before: readonly MessageInput[], after: readonly Message[]): boolean {
  return after.some(({ parts }, message) =>
    parts.some((part, index) => {
      const own = before[message]?.content[index]
      return (
        part.type === 'tool-call' &&
        typeof own === 'object' &&
        own.type === 'tool-call' &&
        own.input !== part.input
      )
    }),
  )
}

/** Judges what LiteLLM is about to send to a model: `pre_call` and `during_call`. */
export async function judgeRequest(
  call: Call,
  request: LitellmRequest,
  edits: EditHandling,
): Promise<LitellmAnswer> {
  const { messages, places } = requestMessages(request)
  const { context, grant } = litellmContext(request)
  const exchange = call.guard.exchange({
    messages,
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
  if (editedToolCall(messages, passage.content) || (edited && edits === 'refuse'))
    return refusal({ decision, message: endUserMessage(call.guard.policy, context.locale) })
  return edited ? { action: 'GUARDRAIL_INTERVENED', texts } : { action: 'NONE' }
}
