import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4Middleware,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import type { Guard, StreamGate } from '@parapet/sdk'
import { knownHeaders } from '../answer/known-forms.ts'
import { createProviderCall, type ProviderCall } from '../answer/provider-call.ts'
import { takeCallContext } from './call-context.ts'
import {
  decisionMetadata,
  FILTERED_FINISH,
  type Filtered,
  filteredParts,
  UNKNOWN_USAGE,
} from './filtered-answer.ts'
import { createGuardedAnswer, type GuardedAnswer } from './guarded-answer.ts'
import { guardedGenerate } from './guarded-generate.ts'
import { guardedStream } from './guarded-stream.ts'
import { knownRequest, toolNamesOf } from './known-members.ts'
import { type GuardMiddlewareOptions, resolveMiddlewareOptions } from './options.ts'
import { promptMessages } from './prompt-messages.ts'
import { safeProviderError } from './provider-error.ts'
import { shadowGenerate, shadowStream } from './shadow-call.ts'

/** A call whose request was judged. */
type Begun =
  | { readonly kind: 'filtered'; readonly filtered: Filtered }
  | {
      readonly kind: 'released'
      /** What the provider is called with: edited, and without `providerOptions.parapet`. */
      readonly params: LanguageModelV4CallOptions
      /** Opens the gate, once the provider answers. */
      readonly open: () => { readonly gate: StreamGate; readonly answer: GuardedAnswer }
    }

/**
 * Guards a language model of the AI SDK: `wrapLanguageModel({ model, middleware: guardMiddleware(guard) })`.
 *
 * The request is judged before the provider is called, the answer before any of it reaches the caller. A block ends the
 * answer with the policy's message as text and the finish reason `content-filter` (`raw: 'guardrail'`); a hold that was
 * not decided in time does too, with a ticket in `providerMetadata.parapet`. Whom the call is for stands in
 * `providerOptions.parapet`: tenant, subjectKey, requestId, locale, grant.
 *
 * It does not judge system messages and tool definitions: they are the developer's own.
 * @throws PARAPET_ADAPTER_OPTIONS; calls reject with PARAPET_ADAPTER_CONTEXT_INVALID, PARAPET_ADAPTER_PART_UNKNOWN,
 * the guard's errors and the provider's
 */
export function guardMiddleware(
  guard: Guard,
  options: GuardMiddlewareOptions = {},
): LanguageModelV4Middleware {
  const resolved = resolveMiddlewareOptions(options)
  if (guard.policy.document.mode === 'shadow') {
    const shadow = { guard, options: resolved }
    return {
      specificationVersion: 'v4',
      wrapGenerate: ({ params, model }) => shadowGenerate(shadow, params, model),
      wrapStream: ({ params, model }) => shadowStream(shadow, params, model),
    }
  }
  const safeError = (error: unknown) => safeProviderError(error, resolved.onProviderError)

  async function begin(given: LanguageModelV4CallOptions, call: ProviderCall): Promise<Begun> {
    const { context, grant, params } = takeCallContext(given)
    const prompt = promptMessages(params.prompt)
    const exchange = guard.exchange({
      messages: prompt.messages.map(({ role, parts }) => ({ role, content: parts })),
      context,
      signal: call.signal,
      ...(grant === undefined ? {} : { grant }),
    })
    const passage = await exchange.input()
    if (passage.kind !== 'released') return { kind: 'filtered', filtered: passage }
    const raw = resolved.raw === 'after-decision'
    return {
      kind: 'released',
      params: {
        ...params,
        prompt: prompt.apply(passage.content),
        abortSignal: call.signal,
        ...(params.includeRawChunks && !raw ? { includeRawChunks: false } : {}),
      },
      open() {
        const gate = exchange.gate()
        const json = params.responseFormat?.type === 'json'
        return {
          gate,
          answer: createGuardedAnswer({ gate, options: resolved, json, toolNames: toolNamesOf(params) }),
        }
      },
    }
  }

  /** Runs a call; when the caller gave up meanwhile, the error is the caller's own reason. */
  async function calling<Result>(
    params: LanguageModelV4CallOptions,
    work: (call: ProviderCall) => Promise<Result>,
  ): Promise<Result> {
    const call = createProviderCall(params.abortSignal)
    try {
      return await work(call)
    } catch (error) {
      const reason = call.left ? call.signal.reason : error
      call.close()
      call.abort()
      throw reason
    }
  }

  async function ask<Result>(call: ProviderCall, answer: () => PromiseLike<Result>): Promise<Result> {
    try {
      return await call.race(answer())
    } catch (error) {
      throw safeError(error)
    }
  }

  return {
    specificationVersion: 'v4',

    wrapGenerate: ({ params, model }) =>
      calling(params, async (call) => {
        const begun = await begin(params, call)
        if (begun.kind === 'filtered') return filteredResult(begun.filtered, model)
        const result = await ask(call, () => model.doGenerate(begun.params))
        const { gate, answer } = begun.open()
        call.onLeave(() => gate.cancel())
        const guarded = await call.race(guardedGenerate(result, answer, resolved))
        call.close()
        return guarded
      }),

    wrapStream: ({ params, model }) =>
      calling(params, async (call): Promise<LanguageModelV4StreamResult> => {
        const begun = await begin(params, call)
        if (begun.kind === 'filtered') return { stream: filteredStream(begun.filtered, model) }
        const { stream: upstream, request, response } = await ask(call, () => model.doStream(begun.params))
        const { gate, answer } = begun.open()
        const headers = knownHeaders(response?.headers)
        return {
          ...knownRequest(request),
          ...(headers ? { response: { headers } } : {}),
          stream: guardedStream({ upstream, answer, gate, call, safeError }),
        }
      }),
  }
}

/** The answer to a request that the provider never saw. */
function filteredResult(filtered: Filtered, { modelId }: LanguageModelV4): LanguageModelV4GenerateResult {
  const { decision, message, ticket } = filtered
  return {
    content: [{ type: 'text', text: message, providerMetadata: decisionMetadata(decision) }],
    finishReason: FILTERED_FINISH,
    usage: UNKNOWN_USAGE,
    warnings: [],
    providerMetadata: decisionMetadata(decision, ticket),
    response: { timestamp: new Date(), modelId },
  }
}

function filteredStream(
  filtered: Filtered,
  { modelId }: LanguageModelV4,
): ReadableStream<LanguageModelV4StreamPart> {
  return ReadableStream.from<LanguageModelV4StreamPart>([
    { type: 'stream-start', warnings: [] },
    { type: 'response-metadata', timestamp: new Date(), modelId },
    ...filteredParts(filtered),
  ])
}
