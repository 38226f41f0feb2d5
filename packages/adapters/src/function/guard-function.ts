import type { Guard, MessageInput } from '@parapet/sdk'
import { createProviderCall } from '../answer/provider-call.ts'
import { adapterError } from '../errors/codes.ts'
import type {
  ChatFunction,
  FunctionAnswer,
  FunctionCallOptions,
  FunctionEvent,
  GuardedFunction,
} from './chat-function.ts'
import { judgedAnswer } from './judged-answer.ts'
import { checkCallOptions, type GuardFunctionOptions, resolveFunctionOptions } from './options.ts'
import { shadowAnswer } from './shadow-answer.ts'

/**
 * Guards a provider of one's own: any function that answers messages with text, whole or in pieces.
 *
 * ```ts
 * const chat = guardFunction(guard, (messages, { signal }) => myModel(messages, signal))
 * const answer = await chat([{ role: 'user', content: 'Hello' }])
 * ```
 *
 * The request is judged before the function is called, and its text before any of it is given out, streamed or not by
 * the same code. It does not judge system messages, nor what the function does besides answering.
 * @throws PARAPET_ADAPTER_OPTIONS
 */
export function guardFunction(
  guard: Guard,
  answer: ChatFunction,
  options: GuardFunctionOptions = {},
): GuardedFunction {
  if (typeof answer !== 'function')
    throw adapterError('PARAPET_ADAPTER_OPTIONS', {
      adapter: 'guardFunction',
      problems: ['the second argument is no function'],
    })
  const { stallMs, onProviderError, onShadowFault } = resolveFunctionOptions(options)
  const shadow = guard.policy.document.mode === 'shadow'

  function stream(
    messages: readonly MessageInput[],
    given: FunctionCallOptions = {},
  ): AsyncIterableIterator<FunctionEvent> {
    const checked = checkCallOptions(given)
    const call = createProviderCall(checked.signal)
    const input = { guard, answer, messages, options: checked, call }
    const events = shadow
      ? shadowAnswer(input, onShadowFault)
      : judgedAnswer({ ...input, stallMs, onProviderError })
    let ended = false
    let returned = false
    return {
      [Symbol.asyncIterator]() {
        return this
      },
      async next() {
        try {
          const next = await events.next()
          ended ||= next.done === true || next.value.kind !== 'text'
          if (ended) call.close()
          return next
        } catch (error) {
          const reason = call.left ? call.signal.reason : error
          call.close()
          call.abort()
          if (returned) return { done: true, value: undefined }
          throw reason
        }
      },
      /** A reader that leaves is not kept waiting for a function that stalls. */
      async return() {
        returned = true
        if (!ended) await call.leave(new DOMException('The reader left.', 'AbortError'))
        call.close()
        events.return().catch(() => undefined)
        return { done: true, value: undefined }
      },
    }
  }

  async function ask(
    messages: readonly MessageInput[],
    given: FunctionCallOptions = {},
  ): Promise<FunctionAnswer> {
    let text = ''
    for await (const event of stream(messages, given)) {
      if (event.kind !== 'text') return { ...event, text }
      text += event.text
    }
    // Never reached: it is for the compiler.
    throw new TypeError('An answer ends with its end.')
  }

  return Object.assign(ask, { stream })
}
