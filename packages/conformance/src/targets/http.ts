import type { CallRequest, Ending, OpenTarget, Piece, Target } from '../kit/target.ts'
import { type ChatDelta, ChatRefused, callChat, chatBody } from './call-chat.ts'

/** Where a gateway is, and who may call it. */
export interface HttpTargetOptions {
  /** The base URL of an OpenAI-compatible chat route, `/v1` included. */
  readonly url: string
  /** @default 'http' */
  readonly name?: string
  /** @default 'unknown' */
  readonly version?: string
  /** Sent with each call, e.g. a key or the gateway's own settings. */
  readonly headers?: Readonly<Record<string, string>>
  readonly how?: string
}

/** Tells each part of a delta. */
export function receiveDelta(delta: ChatDelta, receive: (piece: Piece) => void): void {
  const { choice, text, reasoning, toolCall, event } = delta
  receive({ kind: 'event', text: event })
  if (text !== undefined) receive({ kind: 'text', choice, text })
  if (reasoning !== undefined) receive({ kind: 'reasoning', choice, text: reasoning })
  if (toolCall !== undefined) receive({ kind: 'toolCall', choice, text: toolCall })
}

/** Calls a chat route as any client does: what it gets is what an end user's client gets. */
export async function callGateway(
  { url, headers = {} }: Pick<HttpTargetOptions, 'url' | 'headers'>,
  request: CallRequest,
  stream: boolean,
  receive: (piece: Piece) => void,
): Promise<Ending> {
  let finish: string | undefined
  try {
    for await (const delta of callChat(url, chatBody(request, stream), { signal: request.signal, headers })) {
      receiveDelta(delta, receive)
      finish ??= delta.finish
    }
  } catch (error) {
    if (!(error instanceof ChatRefused)) return { kind: 'failed', error }
    receive({ kind: 'event', text: error.body })
    const { status } = error
    return status < 500 ? { kind: 'stopped', status } : { kind: 'failed', error }
  }
  return { kind: finish === 'content_filter' ? 'stopped' : 'finished' }
}

/** A gateway that somebody set up to call the kit's provider and to ask the kit's check: see docs/conformance.md. */
export function httpTarget(options: HttpTargetOptions): Target {
  const { url, name = 'http', version = 'unknown', how = `OpenAI's chat route at ${url}` } = options
  const open = async (): Promise<OpenTarget> => ({
    generate: (request, receive) => callGateway(options, request, false, receive),
    stream: (request, receive) => callGateway(options, request, true, receive),
    close: async () => {},
  })
  return { name, version, how, open }
}
