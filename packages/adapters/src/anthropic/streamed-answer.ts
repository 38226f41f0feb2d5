import type { StreamGate } from '@parapet/sdk'
import type { ProviderCall } from '../answer/provider-call.ts'
import { adapterError } from '../errors/codes.ts'
import { answerObject } from '../wire/answer-object.ts'
import type { BodyReader } from '../wire/body-reader.ts'
import { createSseReader } from '../wire/sse-reader.ts'
import type { GuardedMessage } from './guarded-message.ts'
import { errorEvent, safeFault } from './provider-error.ts'
import { answerHeaders, eventFrame } from './response.ts'
import { wireEvent } from './wire-events.ts'

export interface StreamedAnswerInput {
  /** The provider's response. */
  readonly response: Response
  readonly reader: BodyReader
  readonly answer: GuardedMessage
  readonly gate: StreamGate
  readonly call: ProviderCall
  readonly onProviderError: (error: unknown) => void
}

type Controller = ReadableStreamDefaultController<Uint8Array>

const ignore = () => undefined

/**
 * The provider's stream behind a gate. Pulled, never pushed: the provider is read when the caller reads. A caller that
 * goes away cancels the provider's stream; a block does too.
 */
export function streamedAnswer(input: StreamedAnswerInput): Response {
  const { response, reader, answer, gate, call, onProviderError } = input
  const events = createSseReader(reader)

  /** Lets go of the provider. Nothing waits for it: it may be the one that stalls. */
  function letGo(): void {
    call.close()
    call.abort()
    reader.cancel()
  }

  /** What was judged is on record, what was held back stays back. */
  async function giveUp(): Promise<void> {
    await gate.cancel().catch(ignore)
    letGo()
  }

  /** After its end, the provider's stream is read out, so that its connection can be used again. */
  async function readOut(): Promise<void> {
    try {
      while (await reader.read());
    } catch {
      reader.cancel()
    }
    call.close()
  }

  /** Reads on until there is something for the caller. */
  async function advance(controller: Controller): Promise<void> {
    for (;;) {
      const data = await events.next()
      if (data === undefined) throw adapterError('PARAPET_ADAPTER_STREAM_ENDED', undefined)
      const event = wireEvent(answerObject(data, 'an event'))
      if (event.type === 'error') {
        controller.enqueue(eventFrame(errorEvent(event, onProviderError)))
        await giveUp()
        return controller.close()
      }
      const step = await answer.take(event)
      for (const released of step.events) controller.enqueue(eventFrame(released))
      if (step.over === 'filtered') letGo()
      else if (step.over === 'done') void readOut()
      if (step.over) return controller.close()
      if (step.events.length > 0) return
    }
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          await advance(controller)
        } catch (error) {
          const reason = call.left ? call.signal.reason : safeFault(error, onProviderError)
          if (!call.left) await giveUp()
          controller.error(reason)
        }
      },
      async cancel(reason) {
        const recorded = call.leave(reason)
        call.close()
        reader.cancel()
        await recorded
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(stream, { headers: answerHeaders(response.headers, 'text/event-stream') })
}
