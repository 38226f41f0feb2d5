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
import { withinSilence } from '../wire/within-silence.ts'
import { takeCallContext } from './call-context.ts'
import { effectsOf } from './effects.ts'
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
import { isSteerable, steered } from './steering.ts'

/** A call whose request was judged, and what the provider gave to it. */
type Begun<Result> =
  | { readonly kind: 'filtered'; readonly filtered: Filtered }
  | {
      readonly kind: 'answered'
      readonly result: Result
      readonly gate: StreamGate
      readonly answer: GuardedAnswer
    }

/** Asks the provider with the request as it was released. */
type AskModel<Result> = (params: LanguageModelV4CallOptions) => PromiseLike<Result>

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

  async function begin<Result>(
    given: { readonly params: LanguageModelV4CallOptions; readonly model: LanguageModelV4 },
    call: ProviderCall,
    askModel: AskModel<Result>,
    discard: (result: Result) => unknown = () => undefined,
  ): Promise<Begun<Result>> {
    const { context, grant, params } = takeCallContext(given.params)
    const prompt = promptMessages(params.prompt)
    const exchange = guard.exchange({
      messages: prompt.messages.map(({ role, parts }) => ({ role, content: parts })),
      context,
      signal: call.signal,
      ...(grant === undefined ? {} : { grant }),
    })
    const raw = resolved.raw === 'after-decision'
    const asked = await exchange.ask({
      effects: effectsOf(params, given.model),
      discard,
      steers: isSteerable(given.model),
      // The request is edited, and without `providerOptions.parapet`.
      call: (released, signal, steering) =>
        answered(call, () =>
          askModel({
            ...steered(params, steering),
            prompt: prompt.apply(released),
            abortSignal: AbortSignal.any([call.signal, signal]),
            ...(params.includeRawChunks && !raw ? { includeRawChunks: false } : {}),
          }),
        ),
    })
    if (asked.kind !== 'answered') {
      call.close()
      return { kind: 'filtered', filtered: asked }
    }
    const gate = exchange.gate()
    call.onLeave(() => gate.cancel())
    const json = params.responseFormat?.type === 'json'
    const answer = createGuardedAnswer({
      gate,
      options: resolved,
      json,
      toolNames: toolNamesOf(params),
      maxCharacters: guard.policy.document.limits.maxCharacters,
    })
    return { kind: 'answered', result: asked.answer, gate, answer }
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

  async function answered<Result>(call: ProviderCall, answer: () => PromiseLike<Result>): Promise<Result> {
    try {
      return await call.race(withinSilence(answer(), resolved.stallMs))
    } catch (error) {
      throw call.left ? error : safeError(error)
    }
  }

  return {
    specificationVersion: 'v4',

    wrapGenerate: ({ params, model }) =>
      calling(params, async (call) => {
        const begun = await begin({ params, model }, call, (asked) => model.doGenerate(asked))
        if (begun.kind === 'filtered') return filteredResult(begun.filtered, model)
        const guarded = await call.race(guardedGenerate(begun.result, begun.answer, resolved))
        call.close()
        return guarded
      }),

    wrapStream: ({ params, model }) =>
      calling(params, async (call): Promise<LanguageModelV4StreamResult> => {
        const begun = await begin(
          { params, model },
          call,
          (asked) => model.doStream(asked),
          ({ stream }) => stream.cancel(),
        )
        if (begun.kind === 'filtered') return { stream: filteredStream(begun.filtered, model) }
        const { result, gate, answer } = begun
        const headers = knownHeaders(result.response?.headers)
        return {
          ...knownRequest(result.request),
          ...(headers ? { response: { headers } } : {}),
          stream: guardedStream({
            upstream: result.stream,
            answer,
            gate,
            call,
            safeError,
            stallMs: resolved.stallMs,
          }),
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
