import type { Middleware } from '@anthropic-ai/sdk/core/middleware'
import type { Guard } from '@parapet/sdk'
import type { RequestFor } from '../answer/request-context.ts'
import { answerObject } from '../wire/answer-object.ts'
import { answerLimits, createBodyReader } from '../wire/body-reader.ts'
import type { ResolvedProviderOptions } from '../wire/provider-options.ts'
import { readText } from '../wire/read-text.ts'
import { createSseReader } from '../wire/sse-reader.ts'
import { tell } from '../wire/tell.ts'
import { createGuardedMessage } from './guarded-message.ts'
import { type JudgedRequest, judgeRequest } from './judged-request.ts'
import { messageEvents } from './message-events.ts'
import { bodyWithoutOwn } from './strip-own.ts'
import { type WireEvent, wireEvent } from './wire-events.ts'

export interface ShadowCallInput {
  readonly guard: Guard
  readonly options: ResolvedProviderOptions
  readonly request: Parameters<Middleware>[0]
  readonly next: Parameters<Middleware>[1]
  /** Takes whom the call is for out of its headers. */
  readonly takeContext: () => RequestFor
}

/** Asks the provider at once, judges beside it, and gives its answer as it came, byte for byte. */
export async function shadowCall(input: ShadowCallInput): Promise<Response> {
  const { guard, options, request, next, takeContext } = input
  const fault = (error: unknown): undefined => {
    tell(options.onShadowFault, error)
  }
  const signal = request.signal ?? new AbortController().signal
  const judge = async () => judgeRequest(guard, request.body, { ...takeContext(), grant: undefined }, signal)
  // The headers are taken before anything is waited for.
  const judging = judge().catch(fault)
  const response = await next(request.body ? { ...request, body: bodyWithoutOwn(request.body) } : request)
  if (!response.ok || !response.body) return response
  const { status, statusText, headers } = response
  const judged = (bytes: readonly Uint8Array[]) =>
    judging.then((judgement) => judgement && watch(judgement, bytes, options)).catch(fault)
  return new Response(passing(response.body, options.maxAnswerBytes, judged), { status, statusText, headers })
}

/** Passes a body on, keeps at most `maxAnswerBytes` and one piece of it, and gives what it kept when it is over. */
function passing(
  body: ReadableStream<Uint8Array>,
  maxAnswerBytes: number,
  over: (bytes: readonly Uint8Array[]) => Promise<unknown>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const kept: Uint8Array[] = []
  let size = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            await over(kept)
            return controller.close()
          }
          // One piece too many says that it was too large.
          if (size <= maxAnswerBytes) kept.push(value)
          size += value.byteLength
          controller.enqueue(value)
        } catch (error) {
          await over(kept)
          controller.error(error)
        }
      },
      async cancel(reason) {
        await Promise.all([over(kept), reader.cancel(reason)])
      },
    },
    { highWaterMark: 0 },
  )
}

/** Judges what came of an answer; one that ends early is recorded as far as it came. */
async function watch(
  { facts, exchange }: JudgedRequest,
  bytes: readonly Uint8Array[],
  options: ResolvedProviderOptions,
): Promise<void> {
  const body = new Blob(bytes as Uint8Array<ArrayBuffer>[]).stream()
  const reader = createBodyReader(body, answerLimits(options))
  const gate = exchange.gate()
  const answer = createGuardedMessage(gate, facts)
  async function* events(): AsyncGenerator<WireEvent> {
    if (!facts.stream) return yield* messageEvents(answerObject(await readText(reader), 'the answer'))
    const sse = createSseReader(reader)
    for (let data = await sse.next(); data !== undefined; data = await sse.next())
      yield wireEvent(answerObject(data, 'an event'))
  }
  try {
    for await (const event of events()) if ((await answer.take(event)).over) return
  } finally {
    // What is over stays as it is.
    await gate.cancel()
  }
}
