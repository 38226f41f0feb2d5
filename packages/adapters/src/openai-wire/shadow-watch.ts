import type { Exchange, StreamGate } from '@parapet/sdk'
import { judgedRoles } from '../answer/judged-roles.ts'
import { adapterError } from '../errors/codes.ts'
import type { ExchangeSetup } from './enforced-exchange.ts'
import { isObject, nestedJson } from './json-value.ts'
import { createParts } from './parts.ts'
import type { Protocol } from './protocol.ts'
import { readAnswer } from './read-answer.ts'
import type { AskedRequest } from './request-slots.ts'
import type { WireRequest } from './wire-request.ts'

/** Judges an exchange beside it. Nothing here throws, and nobody waits for it. */
export interface ShadowWatch {
  /** The provider answers: what its body says is shown piece by piece. */
  begin(response: Response): { add(bytes: Uint8Array): void; close(): void }
  /** The answer ends early, or there is none. */
  leave(): void
}

interface Begun {
  readonly asked: AskedRequest
  readonly exchange: Exchange
}

export function createShadowWatch(
  { guard, options }: ExchangeSetup,
  protocol: Protocol,
  request: WireRequest,
  text: string,
): ShadowWatch {
  let gate: StreamGate | undefined
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined
  let over = false

  function fault(error: unknown): undefined {
    try {
      options.onShadowFault(error)
    } catch {
      // Whoever listens may fail too.
    }
    return undefined
  }

  async function judgeRequest(): Promise<Begun> {
    const body = nestedJson(text)
    if (!isObject(body))
      throw adapterError('PARAPET_ADAPTER_REQUEST_MALFORMED', { issue: 'its body is no JSON' })
    const asked = protocol.request(body)
    const { context } = await options.context(request.headers)
    const exchange = guard.exchange({
      messages: judgedRoles(asked.messages, options.systemMessages).map(({ role, parts }) => ({
        role,
        content: parts,
      })),
      context,
      ...(request.signal ? { signal: request.signal } : {}),
    })
    // The request's record stands before the answer's.
    await exchange.input()
    return { asked, exchange }
  }

  async function judgeAnswer({ asked, exchange }: Begun, response: Response): Promise<void> {
    gate = exchange.gate()
    const parts = createParts(gate)
    const answer = protocol.answer(asked, parts)
    // A silence may be the caller's, who reads slowly: it is no stall of the provider.
    const { maxAnswerBytes, onProviderError } = options
    const limits = { maxAnswerBytes, onProviderError, streams: asked.streams }
    for await (const piece of readAnswer(response, limits)) {
      if (over) return
      await piece(answer)
      answer.drain()
    }
    over = true
  }

  const begun = judgeRequest().catch(fault)

  function leave(): void {
    if (over) return
    over = true
    gate?.cancel().catch(fault)
    stream?.close()
    stream = undefined
  }

  return {
    begin(response) {
      const shown = new ReadableStream<Uint8Array>({
        start(controller) {
          stream = controller
        },
      })
      const type = response.headers.get('content-type')
      const copy = new Response(shown, { headers: type === null ? {} : { 'content-type': type } })
      begun
        .then((ready) => (ready ? judgeAnswer(ready, copy) : undefined))
        .catch((error: unknown) => {
          if (!over) fault(error)
          leave()
        })
      return {
        add: (bytes) => stream?.enqueue(bytes.slice()),
        close() {
          stream?.close()
          stream = undefined
        },
      }
    },
    leave,
  }
}
