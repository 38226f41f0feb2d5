import type { Options } from '@huggingface/inference'
import type { Exchange, Guard, Message, Passage, StreamGate } from '@parapet/sdk'
import { createProviderCall, type ProviderCall } from '../answer/provider-call.ts'
import { type RequestFor, requestContext } from '../answer/request-context.ts'
import type { ResolvedProviderOptions } from '../wire/provider-options.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { createJudgedChoices, type JudgedChoices } from './judged-choices.ts'
import type { AnswerReader, AnswerWriter, AskedRequest, Protocol } from './protocol.ts'

/** What calls are guarded with. */
export interface CallSetup {
  readonly guard: Guard
  readonly options: ResolvedProviderOptions
  readonly protocol: Protocol
  /** The `fetch` of the client that was given, where it has one of its own. */
  readonly fetch: typeof globalThis.fetch | undefined
}

/** A call as its caller made it, without what is Parapet's own. */
export interface TakenCall extends RequestFor {
  readonly args: Record<string, unknown>
}

/** Takes `parapet` out of a copy of the arguments, whose messages may be written to. @throws PARAPET_ADAPTER_CONTEXT_INVALID */
export function takeCall(given: object): TakenCall {
  const { parapet = {}, ...args } = given as Record<string, unknown>
  if (Array.isArray(args['messages'])) args['messages'] = structuredClone(args['messages'])
  return { ...requestContext(parapet, 'parapet in the arguments of a call'), args }
}

/** A call whose request was judged. */
export interface JudgedCall {
  readonly asked: AskedRequest
  readonly exchange: Exchange
  readonly passage: Passage<readonly Message[]>
  readonly writer: AnswerWriter
}

export async function judgeCall(
  { guard, protocol }: CallSetup,
  { args, context, grant }: TakenCall,
  signal: AbortSignal,
): Promise<JudgedCall> {
  const asked = protocol.request(args)
  const exchange = guard.exchange({
    messages: asked.messages,
    context,
    signal,
    ...(grant === undefined ? {} : { grant }),
  })
  const passage = await exchange.input()
  return { asked, exchange, passage, writer: protocol.writer(asked) }
}

/** An answer on its way through the gate. */
export interface OpenAnswer {
  readonly gate: StreamGate
  readonly choices: JudgedChoices
  readonly reader: AnswerReader
}

export function openAnswer({ protocol }: CallSetup, { asked, exchange, writer }: JudgedCall): OpenAnswer {
  const gate = exchange.gate()
  const choices = createJudgedChoices({ gate, writer, ...asked })
  return { gate, choices, reader: protocol.reader(choices, writer) }
}

/** The client's options for the provider's call. */
export function providerOptions(
  { options, fetch }: CallSetup,
  given: Options | undefined,
  call: ProviderCall,
): Options {
  const own = given?.fetch ?? fetch ?? globalThis.fetch
  return { ...given, fetch: boundedFetch(own, options, call), signal: call.signal }
}

/** Runs a call; when the caller gave up meanwhile, the error is the caller's own reason. */
export async function calling<Result>(
  signal: AbortSignal | undefined,
  work: (call: ProviderCall) => Promise<Result>,
): Promise<Result> {
  const call = createProviderCall(signal)
  try {
    return await work(call)
  } catch (error) {
    const reason = call.left ? call.signal.reason : error
    call.abort()
    throw reason
  } finally {
    call.close()
  }
}
