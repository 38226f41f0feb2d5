import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { StreamGate } from '@parapet/sdk'
import type { ProviderCall } from '../answer/provider-call.ts'
import { adapterError } from '../errors/codes.ts'
import { withinSilence } from '../wire/within-silence.ts'
import { UNKNOWN_USAGE } from './filtered-answer.ts'
import type { GuardedAnswer } from './guarded-answer.ts'

export interface GuardedStreamInput {
  readonly upstream: ReadableStream<LanguageModelV4StreamPart>
  readonly answer: GuardedAnswer
  readonly gate: StreamGate
  readonly call: ProviderCall
  /** An error of the provider as the caller may see it. */
  readonly safeError: (error: unknown) => unknown
  /** The longest silence within the answer in milliseconds. */
  readonly stallMs: number
}

/** What the provider's stream gave. */
type Read =
  | { readonly kind: 'part'; readonly part: LanguageModelV4StreamPart }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: unknown }

const ignore = () => undefined

/**
 * The provider's stream behind a gate. Pulled, never pushed: the provider is read when the caller reads. A caller that
 * goes away cancels the provider's stream; a block does too.
 */
export function guardedStream(input: GuardedStreamInput): ReadableStream<LanguageModelV4StreamPart> {
  const { upstream, answer, gate, call, safeError, stallMs } = input
  const reader = upstream.getReader()
  let over = false

  call.onLeave(() => gate.cancel())

  async function read(): Promise<Read> {
    try {
      const { done, value } = await call.race(withinSilence(reader.read(), stallMs))
      if (done) return { kind: 'end' }
      if (value.type === 'error') return { kind: 'error', error: safeError(value.error) }
      return { kind: 'part', part: value }
    } catch (error) {
      return { kind: 'error', error: call.left ? call.signal.reason : safeError(error) }
    }
  }

  /** Lets go of the provider. Nothing waits for it: it may be the one that stalls. */
  function letGo(): void {
    call.close()
    call.abort()
    reader.cancel().catch(ignore)
  }

  type Controller = ReadableStreamDefaultController<LanguageModelV4StreamPart>

  /** Ends the answer with an error: what was judged is on record, what was held back stays back. */
  async function fail(controller: Controller, error: unknown): Promise<void> {
    over = true
    await gate.cancel().catch(ignore)
    const gone = call.left
    letGo()
    if (gone) return controller.error(error)
    controller.enqueue({ type: 'error', error })
    controller.enqueue({
      type: 'finish',
      usage: UNKNOWN_USAGE,
      finishReason: { unified: 'error', raw: undefined },
    })
    controller.close()
  }

  /** After its end, the provider's stream is read out, so that whatever stands around it can end too. */
  async function readOut(controller: Controller): Promise<void> {
    for (;;) {
      const next = await read()
      if (next.kind === 'part') continue
      call.close()
      return controller.close()
    }
  }

  /** Reads on until there is something for the caller. */
  async function advance(controller: Controller): Promise<void> {
    for (;;) {
      const next = await read()
      if (next.kind === 'error') return fail(controller, next.error)
      if (next.kind === 'end')
        return fail(controller, adapterError('PARAPET_ADAPTER_STREAM_ENDED', undefined))
      const step = await answer.take(next.part)
      for (const part of step.parts) controller.enqueue(part as LanguageModelV4StreamPart)
      if (step.over === 'filtered') {
        over = true
        letGo()
        return controller.close()
      }
      over = step.over === 'done'
      if (step.parts.length > 0) return
    }
  }

  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        if (over) return readOut(controller)
        try {
          await advance(controller)
        } catch (error) {
          if (!call.left) return fail(controller, error)
          controller.error(call.signal.reason)
        }
      },
      async cancel(reason) {
        over = true
        const recorded = call.leave(reason)
        call.close()
        reader.cancel(reason).catch(ignore)
        await recorded
      },
    },
    { highWaterMark: 0 },
  )
}
