import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { isIP } from 'node:net'
import { ClosedAddressError, checkedLookup } from './checked-lookup.ts'

/** How much of an answer is let in before the connection is cut: it is not read. */
const MOST_ANSWER_BYTES = 16_384

/** What is sent, and where to. */
export interface Post {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** For all of it: name, connection, request and answer. */
  readonly timeoutMs: number
  readonly isAllowed: (address: string) => boolean
}

/**
 * Sends a request and gives the status of the answer, whatever it is: redirects are not followed. The connection is made for
 * it alone, past proxies and pools, to an address that was checked.
 */
export async function post({ url, headers, body, timeoutMs, isAllowed }: Post): Promise<number> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // Node looks up no literal address: those are checked here.
  if (isIP(host) !== 0 && !isAllowed(host)) throw new ClosedAddressError('a closed address')
  const send = url.protocol === 'https:' ? secureRequest : plainRequest
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const request = send(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    agent: false,
    lookup: checkedLookup(isAllowed),
    signal: AbortSignal.timeout(timeoutMs),
  })
  request.on('error', reject)
  request.on('response', (response) => {
    resolve(response.statusCode ?? 0)
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MOST_ANSWER_BYTES) response.destroy()
    })
    // The status is what counts: an answer that breaks off changes nothing.
    response.on('error', () => {})
  })
  request.end(body)
  return promise
}
