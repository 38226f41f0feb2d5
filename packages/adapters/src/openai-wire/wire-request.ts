import { adapterError } from '../errors/codes.ts'
import { type BodyLimits, createBodyReader } from '../wire/body-reader.ts'
import { readText } from '../wire/read-text.ts'
import { headersForProvider } from './call-headers.ts'

/** A fetch, as the caller brings it: the platform's, undici's, or one of the caller's own. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** A call of fetch, taken apart. */
export interface WireRequest {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly signal: AbortSignal | undefined
  /** The text of the body, to be read once. @throws PARAPET_ADAPTER_TOO_LARGE */
  text(maxBytes: number): Promise<string>
  /** Sends the call as it came, without what is Parapet's own. */
  pass(fetch: Fetch): Promise<Response>
  /** Sends the call with another body. */
  send(fetch: Fetch, body: string, signal: AbortSignal | undefined): Promise<Response>
}

/** What headers say of a body that is replaced. */
const ABOUT_THE_BODY = ['content-length', 'content-digest', 'digest', 'content-md5'] as const

/** A body that is a text already, as it is after it was sent and read: without lone surrogates and without a mark of order. */
function textOf(body: string, { what, maxBytes }: BodyLimits & { readonly what: 'request' }): string {
  if (Buffer.byteLength(body) > maxBytes) throw adapterError('PARAPET_ADAPTER_TOO_LARGE', { what, maxBytes })
  return body.toWellFormed().replace(/^\ufeff/, '')
}

/** Takes a call apart: `fetch(request)`, `fetch(url, init)` or both. */
export function wireRequest(input: string | URL | Request, init: RequestInit = {}): WireRequest {
  const request = input instanceof Request ? input : undefined
  const { method: _, headers: given, body, signal, ...others } = init
  const url = request ? request.url : String(input)
  const method = (init.method ?? request?.method ?? 'GET').toUpperCase()
  const headers = new Headers(given ?? request?.headers)
  return {
    url,
    method,
    headers,
    signal: signal ?? request?.signal ?? undefined,
    async text(maxBytes) {
      const limits = { what: 'request', maxBytes } as const
      if (typeof body === 'string') return textOf(body, limits)
      // A body of any other kind that fetch takes is read the way that fetch reads it.
      const own = body === undefined || body === null ? request?.body : new Response(body).body
      return readText(createBodyReader((own ?? null) as ReadableStream<Uint8Array> | null, limits))
    },
    pass: (fetch) => fetch(input, { ...init, headers: headersForProvider(headers) }),
    send(fetch, text, provider) {
      const sent = headersForProvider(headers)
      for (const about of ABOUT_THE_BODY) sent.delete(about)
      return fetch(url, { ...others, method, headers: sent, body: text, signal: provider ?? null })
    },
  }
}
