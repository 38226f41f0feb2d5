import type { Guard } from '@parapet/sdk'
import { type Admission, createAdmission } from './admission.ts'
import { requestAnswerer } from './answer-request.ts'
import { serverError } from './codes.ts'
import { errorResponse } from './error-response.ts'
import { loadHono } from './load-hono.ts'
import { openapiRoute } from './openapi.ts'
import { resolveServerOptions, type ServerOptions } from './options.ts'
import { watchReadiness } from './readiness.ts'
import { healthRoutes } from './routes/health.ts'
import { ROUTES } from './routes/index.ts'

/** A guard as a web server, for any runtime that takes a fetch handler. It holds no state of a request after its end. */
export interface ServerApp {
  /** Answers a request. Never rejects. */
  fetch(request: Request): Promise<Response>
  /** How many requests run. */
  active(): number
  /**
   * Takes nothing new (503), and resolves when what runs is finished: to true. After `withinMs` what is left is aborted: to
   * false.
   */
  stop(options: { readonly withinMs: number }): Promise<boolean>
}

async function stop(admission: Admission, ending: AbortController, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs)
  })
  const finished = await Promise.race([admission.stop().then(() => true), late])
  clearTimeout(timer)
  if (!finished) ending.abort(serverError('PARAPET_SERVER_STOPPING', undefined))
  return finished
}

/**
 * Makes a web server of a guard, and begins to load its detectors. Closing the guard and its queue is the caller's part.
 * @throws PARAPET_SERVER_OPTIONS, also where there are neither keys nor `allowKeyless`; PARAPET_ADAPTER_PEER_MISSING
 */
export async function createServerApp(guard: Guard, given: ServerOptions): Promise<ServerApp> {
  const options = resolveServerOptions(given)
  const { Hono } = await loadHono()
  const admission = createAdmission(options)
  const ending = new AbortController()
  const answer = requestAnswerer({ guard, options, admission, ending: ending.signal })
  const routes = [
    ...ROUTES,
    ...healthRoutes(watchReadiness(guard, options.queue, options.onFault), admission),
  ]

  const app = new Hono()
  for (const route of [...routes, openapiRoute(routes)])
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), ({ req }) =>
      answer(route, req.raw, req.param()),
    )
  app.notFound(() => errorResponse(serverError('PARAPET_SERVER_ROUTE_UNKNOWN', undefined)))
  app.onError((error) => {
    options.onFault(error)
    return errorResponse(error)
  })

  return {
    fetch: async (request) => app.fetch(request),
    active: () => admission.active(),
    stop: ({ withinMs }) => stop(admission, ending, withinMs),
  }
}
