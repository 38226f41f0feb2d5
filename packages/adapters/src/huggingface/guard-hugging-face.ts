import type { InferenceClient, Options } from '@huggingface/inference'
import type { Guard } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'
import { type ProviderOptions, resolveProviderOptions } from '../wire/provider-options.ts'
import { chatReader } from './chat-answer.ts'
import { chatRequest } from './chat-request.ts'
import { chatWriter } from './chat-writer.ts'
import { guardedCall, type Task } from './guarded-call.ts'
import { guardedStream, type StreamTask } from './guarded-stream.ts'
import type { CallSetup } from './judged-call.ts'
import type { Protocol } from './protocol.ts'
import { shadowCall, shadowStream } from './shadow-call.ts'
import { HUGGING_FACE_TASKS } from './tasks.ts'
import { textReader } from './text-answer.ts'
import { textRequest } from './text-request.ts'
import { textWriter } from './text-writer.ts'

const CHAT: Protocol = { request: chatRequest, writer: chatWriter, reader: chatReader }
const TEXT: Protocol = { request: textRequest, writer: textWriter, reader: textReader }

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  chatCompletion: CHAT,
  chatCompletionStream: CHAT,
  textGeneration: TEXT,
  textGenerationStream: TEXT,
}

type Method = (args: object, options?: Options) => unknown

/**
 * Guards a client of `@huggingface/inference`: gives a client of the same type, with the same token, endpoint, provider
 * and `fetch`. The client that was given stays as it is.
 *
 * `chatCompletion`, `textGeneration` and their streams are judged: the request before the provider is called, the answer
 * before any of it reaches the caller. A block ends the answer with the policy's message and the finish reason
 * `content_filter`; a hold that was not decided in time does too, with a ticket. The answer, and the last piece of a
 * stream, have `parapet: { decisionId, ticket?, message? }`. Whom a call is for stands in `parapet` of its arguments:
 * tenant, subjectKey, requestId, locale, grant.
 *
 * Tasks that give numbers and labels pass; all others are refused. System messages and tool definitions are the
 * developer's own.
 * @throws PARAPET_ADAPTER_OPTIONS; calls reject with PARAPET_ADAPTER_REQUEST_REFUSED, PARAPET_ADAPTER_CONTEXT_INVALID,
 * PARAPET_ADAPTER_PART_UNKNOWN, PARAPET_ADAPTER_ANSWER_MALFORMED, PARAPET_ADAPTER_TOO_LARGE,
 * PARAPET_ADAPTER_PROVIDER_STALLED, PARAPET_ADAPTER_STREAM_ENDED, PARAPET_ADAPTER_PROVIDER_FAILED, the guard's errors and
 * the client's
 */
export function guardHuggingFace<Client extends InferenceClient>(
  client: Client,
  guard: Guard,
  options: ProviderOptions = {},
): Client {
  const resolved = resolveProviderOptions('guardHuggingFace', options)
  const shadow = guard.policy.document.mode === 'shadow'
  const { fetch } = optionsOf(client)
  const guarded: Client = Object.create(Object.getPrototypeOf(client))
  Object.assign(guarded, client)

  function judged(name: string, own: Method): Method {
    const setup: CallSetup = { guard, options: resolved, protocol: PROTOCOLS[name] as Protocol, fetch }
    if (name.endsWith('Stream')) {
      const stream = shadow ? shadowStream : guardedStream
      return (args, given) => stream(setup, own as StreamTask, args, given)
    }
    const call = shadow ? shadowCall : guardedCall
    return (args, given) => call(setup, own as Task, args, given)
  }

  // The client's tasks are its own members, and cannot be replaced: the guarded client has members of its own.
  const names = new Set([...Object.getOwnPropertyNames(client), ...Object.keys(HUGGING_FACE_TASKS)])
  for (const name of names) {
    const own: unknown = client[name as keyof Client]
    if (typeof own !== 'function' || name === 'endpoint') continue
    const method = own as Method
    const value = name in PROTOCOLS ? judged(name, method) : passes(name) || shadow ? method : refused(name)
    Object.defineProperty(guarded, name, { value })
  }
  Object.defineProperty(guarded, 'endpoint', {
    value: (url: string) => guardHuggingFace(client.endpoint(url), guard, options),
  })
  return guarded
}

/** The options of a client are its own; only its `fetch` is looked at. */
function optionsOf(client: object): { readonly fetch?: typeof globalThis.fetch } {
  const { defaultOptions } = client as {
    readonly defaultOptions?: { readonly fetch?: typeof globalThis.fetch }
  }
  return defaultOptions ?? {}
}

const passes = (name: string): boolean =>
  Object.entries(HUGGING_FACE_TASKS).some(([task, handling]) => task === name && handling === 'passes')

/** Refuses a task, in the way in which the client would fail it: also what a later version may bring. */
function refused(name: string): Method {
  const task = /^[A-Za-z]{1,40}$/.test(name) ? name : 'a task'
  const error = () =>
    adapterError('PARAPET_ADAPTER_REQUEST_REFUSED', {
      feature: task,
      instead: 'Call it with your own client, and judge its texts with guard.check().',
    })
  // Whoever awaits it, and whoever iterates over it, gets the error.
  return () => {
    const rejected = Promise.reject(error())
    rejected.catch(() => undefined)
    const fail = () => Promise.reject(error())
    return Object.assign(rejected, { next: fail, [Symbol.asyncIterator]: () => ({ next: fail }) })
  }
}
