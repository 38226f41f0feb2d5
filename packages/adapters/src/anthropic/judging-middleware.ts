import type { Middleware } from '@anthropic-ai/sdk/core/middleware'
import type { Guard } from '@parapet/sdk'
import { createProviderCall, type ProviderCall } from '../answer/provider-call.ts'
import type { RequestFor } from '../answer/request-context.ts'
import { answerLimits, createBodyReader } from '../wire/body-reader.ts'
import type { ResolvedProviderOptions } from '../wire/provider-options.ts'
import { dropContext, takeContext } from './call-context.ts'
import { filteredResponse } from './filtered-response.ts'
import { createGuardedMessage } from './guarded-message.ts'
import { type JudgedRequest, judgeRequest } from './judged-request.ts'
import { errorBody, safeFault } from './provider-error.ts'
import { answerHeaders } from './response.ts'
import { isJudged, isMessagesCall } from './routes.ts'
import { shadowCall } from './shadow-call.ts'
import { streamedAnswer } from './streamed-answer.ts'
import { wholeAnswer } from './whole-answer.ts'

type Request = Parameters<Middleware>[0]
type Next = Parameters<Middleware>[1]

/**
 * Judges the calls of a client. The client's own middleware is enough, and better than its `fetch`: raw responses
 * come out of it too; it reads one form of the wire whatever cloud serves it; and what it throws is not retried, while an
 * error of `fetch` is.
 */
export function judgingMiddleware(guard: Guard, options: ResolvedProviderOptions): Middleware {
  const shadow = guard.policy.document.mode === 'shadow'
  /** By the call's options, which are the same object in each attempt: a retry is no new request, and needs no second grant. */
  const judged = new WeakMap<object, { readonly text: unknown; readonly request: JudgedRequest }>()

  async function judgedOnce(
    key: object | undefined,
    { headers, body }: { readonly headers: Headers; readonly body?: unknown },
    context: RequestFor,
    signal: AbortSignal,
  ): Promise<JudgedRequest> {
    const retry = Number(headers.get('x-stainless-retry-count')) > 0
    const before = key && retry ? judged.get(key) : undefined
    if (before && before.text === body) return before.request
    const request = await judgeRequest(guard, body, context, signal)
    if (key) judged.set(key, { text: body, request })
    return request
  }

  async function answer(
    request: Request,
    next: Next,
    { facts, exchange, body, follow }: JudgedRequest,
    call: ProviderCall,
  ): Promise<Response> {
    const response = await call.race(next({ ...request, body, signal: call.signal }))
    const { onProviderError } = options
    const reader = createBodyReader(response.body, answerLimits(options), call)
    if (!response.ok) {
      const error = await errorBody(response.status, reader, onProviderError)
      call.close()
      const headers = answerHeaders(response.headers, 'application/json')
      return new Response(error, { status: Math.max(response.status, 400), headers })
    }
    follow(call.signal)
    const gate = exchange.gate()
    const message = createGuardedMessage(gate, facts)
    call.onLeave(() => gate.cancel())
    const input = { response, reader, answer: message, gate, call, onProviderError }
    if (facts.stream) return streamedAnswer(input)
    try {
      const whole = await wholeAnswer(input)
      call.close()
      return whole
    } catch (error) {
      if (call.left) throw error
      await gate.cancel().catch(() => undefined)
      reader.cancel()
      throw safeFault(error, onProviderError)
    }
  }

  return async (request, next, { options: key }) => {
    const headers = new Headers(request.headers)
    const asked = { ...request, headers }
    if (shadow && isMessagesCall(request.method, request.url))
      return shadowCall({ guard, options, request: asked, next, takeContext: () => takeContext(headers) })
    if (shadow) {
      dropContext(headers)
      return next(asked)
    }
    const context = takeContext(headers)
    if (!isJudged(request.method, request.url)) return next(asked)
    const call = createProviderCall(request.signal ?? undefined)
    try {
      const judgement = await judgedOnce(key, { headers, body: request.body }, context, call.signal)
      const { passage, facts } = judgement
      if (passage.kind !== 'released') {
        call.close()
        return filteredResponse(passage, facts)
      }
      return await answer(asked, next, judgement, call)
    } catch (error) {
      const reason = call.left ? call.signal.reason : error
      call.close()
      call.abort()
      throw reason
    }
  }
}
