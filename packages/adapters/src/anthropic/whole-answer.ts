import type { ProviderCall } from '../answer/provider-call.ts'
import { answerObject } from '../wire/answer-object.ts'
import type { BodyReader } from '../wire/body-reader.ts'
import type { ParapetMember } from '../wire/parapet-member.ts'
import { readText } from '../wire/read-text.ts'
import type { GuardedMessage } from './guarded-message.ts'
import { eventsMessage, messageEvents } from './message-events.ts'
import { answerHeaders } from './response.ts'
import { type WireEvent, wireInvalid } from './wire-events.ts'

export interface WholeAnswerInput {
  /** The provider's response. */
  readonly response: Response
  readonly reader: BodyReader
  readonly answer: GuardedMessage
  readonly call: ProviderCall
}

/** Judges an answer that does not stream: it gets what a stream of it would have got, to the character. */
export async function wholeAnswer({ response, reader, answer, call }: WholeAnswerInput): Promise<Response> {
  // Whatever its content type says, what is no message is refused.
  const message = answerObject(await readText(reader), 'the answer')
  const events: WireEvent[] = []
  for (const event of messageEvents(message)) {
    const step = await call.race(answer.take(event))
    events.push(...step.events)
    if (!step.over) continue
    const released = eventsMessage(events)
    const { parapet } = released as { readonly parapet?: ParapetMember }
    const provider = step.over === 'done' ? response.headers : undefined
    return new Response(JSON.stringify(released), {
      headers: answerHeaders(provider, 'application/json', parapet),
    })
  }
  throw wireInvalid('an answer without an end')
}
