import type { ExchangeSetup } from './enforced-exchange.ts'
import { PROTOCOLS } from './protocols.ts'
import { routeOf } from './route.ts'
import { createShadowWatch, type ShadowWatch } from './shadow-watch.ts'
import type { WireRequest } from './wire-request.ts'

/**
 * Passes an exchange as it comes, and judges it beside: what is on record is what would have been decided. A fault of the
 * guard's own work goes to `onShadowFault`, and changes nothing.
 */
export async function shadowExchange(setup: ExchangeSetup, request: WireRequest): Promise<Response> {
  const { fetch, options } = setup
  const route = routeOf(request.method, request.url, options.passRoutes)
  const readable = (request.headers.get('content-encoding') ?? 'identity') === 'identity'
  if (route.kind === 'passed' || route.kind === 'refused' || !readable) return request.pass(fetch)
  const text = await request.text(Infinity)
  const watch = createShadowWatch(setup, PROTOCOLS[route.kind], request, text)
  try {
    const response = await request.send(fetch, text, request.signal)
    if (!response.ok || !response.body) return response
    return tapped(response, response.body, watch)
  } catch (error) {
    watch.leave()
    throw error
  }
}

/** The response as it came; its body is shown to the watch on its way. */
function tapped(response: Response, body: ReadableStream<Uint8Array>, watch: ShadowWatch): Response {
  const { status, statusText } = response
  const headers = new Headers(response.headers)
  // The platform has decoded the body: these would speak of another one.
  headers.delete('content-encoding')
  headers.delete('content-length')
  const shown = watch.begin(response)
  // A fetch of the caller's own may bring a stream of Node's.
  const reader = (body instanceof ReadableStream ? body : ReadableStream.from<Uint8Array>(body)).getReader()
  const passing = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) {
            shown.close()
            return controller.close()
          }
          shown.add(value)
          controller.enqueue(value)
        } catch (error) {
          watch.leave()
          controller.error(error)
        }
      },
      async cancel(reason) {
        watch.leave()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(passing, { status, statusText, headers })
}
