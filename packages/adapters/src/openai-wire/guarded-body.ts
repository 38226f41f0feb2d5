import { adapterError } from '../errors/codes.ts'
import { type AnswerFlow, letGo } from './answer-flow.ts'
import { wireError } from './wire-error.ts'
import { eventBytes } from './write-answer.ts'

const ignore = () => undefined

/**
 * The body of a streamed answer. Pulled, never pushed: the provider is read when the caller reads. A caller that goes
 * away cancels the provider's call; a block does too.
 */
export function guardedBody(flow: AnswerFlow): ReadableStream<Uint8Array> {
  const { pieces, answer, parts, gate, call, options } = flow
  type Controller = ReadableStreamDefaultController<Uint8Array>

  /** Ends the answer with a fault: what was judged is on record, what was held back stays back. */
  async function fail(controller: Controller, error: unknown): Promise<void> {
    if (!parts.over) await gate.cancel().catch(ignore)
    const gone = call.left
    letGo(flow)
    const fault = !gone && options.faults === 'answer' ? wireError(error) : undefined
    if (!fault) return controller.error(gone ? call.signal.reason : error)
    controller.enqueue(eventBytes({ event: 'error', data: { type: 'error', ...fault.body } }))
    controller.close()
  }

  /** Reads on until there is something for the caller. */
  async function advance(controller: Controller): Promise<void> {
    for (;;) {
      const next = await call.race(pieces.next())
      if (next.done) throw adapterError('PARAPET_ADAPTER_STREAM_ENDED', undefined)
      await next.value(answer)
      const events = answer.drain()
      for (const event of events) controller.enqueue(eventBytes(event))
      if (parts.over) {
        letGo(flow)
        return controller.close()
      }
      if (events.length > 0) return
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          await advance(controller)
        } catch (error) {
          await fail(controller, error)
        }
      },
      async cancel(reason) {
        const recorded = call.leave(reason)
        letGo(flow)
        await recorded
      },
    },
    { highWaterMark: 0 },
  )
}
