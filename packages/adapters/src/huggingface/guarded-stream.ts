import type { Options } from '@huggingface/inference'
import { createProviderCall, type ProviderCall } from '../answer/provider-call.ts'
import { adapterError } from '../errors/codes.ts'
import { isObject, type WireObject } from '../wire/wire-object.ts'
import { answerMalformed } from './answer-malformed.ts'
import {
  type CallSetup,
  judgeCall,
  type OpenAnswer,
  openAnswer,
  providerOptions,
  takeCall,
} from './judged-call.ts'
import { safeProviderError } from './provider-error.ts'

export type StreamTask = (args: Record<string, unknown>, options: Options) => AsyncGenerator<unknown>

const ignore = () => undefined

/** Makes a call whose answer streams. Whoever leaves the generator aborts the provider's call; a block does too. */
export async function* guardedStream(
  setup: CallSetup,
  task: StreamTask,
  given: object,
  options: Options | undefined,
): AsyncGenerator<WireObject> {
  const call = createProviderCall(options?.signal)
  let answer: OpenAnswer | undefined
  try {
    const judged = await judgeCall(setup, takeCall(given), call.signal)
    const { asked, passage, writer } = judged
    if (passage.kind !== 'released') {
      writer.end({ ...passage, kind: 'filtered' })
      yield* writer.drain()
      return
    }
    const upstream = task(asked.apply(passage.content), providerOptions(setup, options, call))
    const pieces = safely(upstream, setup, call)
    const first = await pieces.next()
    answer = openAnswer(setup, judged)
    const { gate, choices, reader } = answer
    call.onLeave(() => gate.cancel())
    for (let next = first; !choices.over; next = await pieces.next()) {
      if (next.done) {
        if (!choices.complete) throw adapterError('PARAPET_ADAPTER_STREAM_ENDED', undefined)
        await call.race(choices.finish())
        break
      }
      await call.race(reader.piece(next.value))
      yield* writer.drain()
    }
    if (choices.over) writer.end(choices.over)
    yield* writer.drain()
  } catch (error) {
    throw call.left ? call.signal.reason : error
  } finally {
    // Also when the caller leaves the generator: what was judged is recorded before the provider's call is aborted.
    if (answer && !answer.choices.over) await answer.gate.cancel().catch(ignore)
    call.close()
    call.abort()
  }
}

/** The provider's pieces; its errors as the caller may see them. */
async function* safely(
  upstream: AsyncGenerator<unknown>,
  { options }: CallSetup,
  call: ProviderCall,
): AsyncGenerator<WireObject, undefined> {
  for (;;) {
    let next: IteratorResult<unknown>
    try {
      next = await call.race(upstream.next())
    } catch (error) {
      throw call.left ? error : safeProviderError(error, options.onProviderError)
    }
    if (next.done) return undefined
    if (!isObject(next.value)) throw answerMalformed('an event that is no object')
    yield next.value
  }
}
