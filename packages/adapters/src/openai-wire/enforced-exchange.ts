import type { Guard } from '@parapet/sdk'
import { judgedRoles } from '../answer/judged-roles.ts'
import { createProviderCall, type ProviderCall } from '../answer/provider-call.ts'
import { adapterError } from '../errors/codes.ts'
import { withinSilence } from '../wire/within-silence.ts'
import { type AnswerFlow, letGo } from './answer-flow.ts'
import { guardedBody } from './guarded-body.ts'
import type { Json } from './json-value.ts'
import type { ResolvedWireOptions } from './options.ts'
import { createParts } from './parts.ts'
import type { Filtered, Protocol } from './protocol.ts'
import { PROTOCOLS } from './protocols.ts'
import { providerRefusal } from './provider-refusal.ts'
import { readAnswer } from './read-answer.ts'
import { readRequest } from './read-request.ts'
import type { AskedRequest } from './request-slots.ts'
import { routeOf } from './route.ts'
import type { Fetch, WireRequest } from './wire-request.ts'
import { eventBytes, streamResponse, wholeResponse } from './write-answer.ts'

/** What exchanges are guarded with. */
export interface ExchangeSetup {
  readonly guard: Guard
  readonly fetch: Fetch
  readonly options: ResolvedWireOptions
}

/** Judges the request, asks the provider, judges the answer. */
export async function enforcedExchange(setup: ExchangeSetup, request: WireRequest): Promise<Response> {
  const { options, fetch } = setup
  const route = routeOf(request.method, request.url, options.passRoutes)
  if (route.kind === 'refused') throw adapterError('PARAPET_ADAPTER_ROUTE_REFUSED', { route: route.route })
  if (route.kind === 'passed') return request.pass(fetch)
  const call = createProviderCall(request.signal)
  try {
    return await judged(setup, PROTOCOLS[route.kind], request, call)
  } catch (error) {
    // When the caller gave up meanwhile, the error is the caller's own reason.
    const reason = call.left ? call.signal.reason : error
    call.close()
    call.abort()
    throw reason
  }
}

async function judged(
  { guard, fetch, options }: ExchangeSetup,
  protocol: Protocol,
  request: WireRequest,
  call: ProviderCall,
): Promise<Response> {
  const { context, grant } = await options.context(request.headers)
  const body = await call.race(readRequest(request, options.maxRequestBytes))
  const asked = protocol.request(body)
  const exchange = guard.exchange({
    messages: judgedRoles(asked.messages, options.systemMessages).map(({ role, parts }) => ({
      role,
      content: parts,
    })),
    context,
    signal: call.signal,
    ...(grant === undefined ? {} : { grant }),
  })
  const passage = await exchange.input()
  if (passage.kind !== 'released') {
    call.close()
    return filteredResponse(protocol, asked, passage)
  }
  const sent = written(asked.apply(passage.content))
  const response = await call.race(withinSilence(request.send(fetch, sent, call.signal), options.stallMs))
  if (!response.ok) {
    const refusal = await call.race(providerRefusal(response, options, { final: grant !== undefined }))
    call.close()
    return refusal
  }
  const gate = exchange.gate()
  call.onLeave(() => gate.cancel())
  const parts = createParts(gate)
  const answer = protocol.answer(asked, parts)
  const pieces = readAnswer(response, { ...options, streams: asked.streams })
  const flow = { pieces, answer, parts, gate, call, options }
  if (asked.streams) return streamResponse(guardedBody(flow), response)
  await readWhole(flow)
  if (!parts.over) throw adapterError('PARAPET_ADAPTER_STREAM_ENDED', undefined)
  return wholeResponse(answer, response, parts.over)
}

/** JSON that is nested too deep is read, and cannot be written. */
function written(body: Json): string {
  try {
    return JSON.stringify(body)
  } catch {
    throw adapterError('PARAPET_ADAPTER_REQUEST_MALFORMED', { issue: 'it is nested too deep' })
  }
}

const ignore = () => undefined

async function readWhole(flow: AnswerFlow): Promise<void> {
  const { pieces, answer, parts, gate, call } = flow
  try {
    while (!parts.over) {
      const next = await call.race(pieces.next())
      if (next.done) break
      await call.race(next.value(answer))
    }
  } catch (error) {
    if (!parts.over) await gate.cancel().catch(ignore)
    throw error
  } finally {
    letGo(flow)
  }
}

/** The answer to a request that the provider never saw. */
function filteredResponse(protocol: Protocol, asked: AskedRequest, filtered: Filtered): Response {
  const answer = protocol.filtered(asked, filtered)
  if (!asked.streams) return wholeResponse(answer, undefined, filtered)
  const bytes = Buffer.concat(answer.drain().map(eventBytes))
  return streamResponse(Uint8Array.from(bytes), undefined, filtered)
}
