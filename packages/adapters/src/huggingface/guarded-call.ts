import type { Options } from '@huggingface/inference'
import { isObject, type WireObject } from '../wire/wire-object.ts'
import { answerMalformed } from './answer-malformed.ts'
import { type CallSetup, calling, judgeCall, openAnswer, providerOptions, takeCall } from './judged-call.ts'
import { safeProviderError } from './provider-error.ts'

export type Task = (args: Record<string, unknown>, options: Options) => Promise<unknown>

const ignore = () => undefined

/** Makes a call whose answer comes in one piece: it gets what a stream of it would have got. */
export function guardedCall(
  setup: CallSetup,
  task: Task,
  given: object,
  options: Options | undefined,
): Promise<WireObject> {
  return calling(options?.signal, async (call) => {
    const judged = await judgeCall(setup, takeCall(given), call.signal)
    const { asked, passage, writer } = judged
    if (passage.kind !== 'released') {
      writer.end({ ...passage, kind: 'filtered' })
      return writer.body()
    }
    const { onProviderError } = setup.options
    const args = asked.apply(passage.content)
    let answer: unknown
    try {
      answer = await call.race(task(args, providerOptions(setup, options, call)))
    } catch (error) {
      throw safeProviderError(error, onProviderError)
    }
    const { gate, choices, reader } = openAnswer(setup, judged)
    call.onLeave(() => gate.cancel())
    try {
      if (!isObject(answer)) throw answerMalformed('it is no object')
      await call.race(reader.whole(answer))
      if (!choices.over && !choices.complete) throw answerMalformed('it has no choice')
      await call.race(choices.finish())
    } catch (error) {
      if (!call.left) await gate.cancel().catch(ignore)
      throw error
    }
    if (choices.over) writer.end(choices.over)
    return writer.body()
  })
}
