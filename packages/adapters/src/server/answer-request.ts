import type { Guard } from '@parapet/sdk'
import type { Admission } from './admission.ts'
import { type Caller, callerFinder } from './caller.ts'
import { serverError } from './codes.ts'
import { errorResponse, tellableError } from './error-response.ts'
import { guardedUpstream } from './guarded-upstream.ts'
import { linkedAbort } from './linked-abort.ts'
import type { ResolvedServerOptions } from './options.ts'
import { parseAs, parseJson } from './parse-json.ts'
import { readBody } from './read-body.ts'
import { beginTelemetry, type RequestTelemetry } from './request-telemetry.ts'
import type { Call, Route } from './route.ts'
import { trackedResponse } from './tracked-response.ts'

/** What all requests of a server share. */
export interface Serving {
  readonly guard: Guard
  readonly options: ResolvedServerOptions
  readonly admission: Admission
  /** Aborts what still runs when the server has to end. */
  readonly ending: AbortSignal
}

const ANYBODY: Caller = { tenant: undefined, authorization: undefined }
/** nginx's number for a caller who left: seen by nobody but the telemetry. */
const CALLER_GONE = 499

/** Rejects when the signal aborts, so that work which ignores it is not waited for. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

/** Makes the function that takes a request through a route: who it is from, whether there is room, how long it may take. */
export function requestAnswerer(serving: Serving) {
  const { guard, options, admission, ending } = serving
  const findCaller = callerFinder(options.keys)
  const upstream = guardedUpstream(guard, options)

  async function work(
    route: Route,
    request: Request,
    parameters: Call['parameters'],
    telemetry: RequestTelemetry,
  ) {
    const caller = route.open ? ANYBODY : findCaller(request)
    const leave = route.open ? () => undefined : admission.enter(caller.tenant)
    const { requestTimeoutMs } = options
    const { signal, abort, unlink } = linkedAbort(request.signal, ending)
    const timer = setTimeout(
      () => abort(serverError('PARAPET_SERVER_TIMEOUT', { requestTimeoutMs })),
      requestTimeoutMs,
    ).unref()
    const over = () => {
      clearTimeout(timer)
      unlink()
      leave()
    }
    const call: Call = {
      ...caller,
      request,
      parameters,
      guard,
      options,
      upstream,
      signal,
      json: async (schema) => parseAs(schema, parseJson(await readBody(request, options))),
      decided: telemetry.decided,
    }
    const answer = route.handle(call)
    try {
      return { response: await Promise.race([answer, rejection(signal)]), signal, over }
    } catch (error) {
      // The place is free when the work is over, not when nobody waits for it any more.
      void answer.then((late) => late.body?.cancel()).then(over, over)
      throw error
    }
  }

  return async (route: Route, request: Request, parameters: Call['parameters']): Promise<Response> => {
    const telemetry = beginTelemetry(request, route.path)
    try {
      const { response, signal, over } = await telemetry.run(() =>
        work(route, request, parameters, telemetry),
      )
      return trackedResponse(response, signal, () => {
        over()
        telemetry.end(response.status)
      })
    } catch (error) {
      if (request.signal.aborted) {
        telemetry.end(CALLER_GONE)
        return new Response(null, { status: CALLER_GONE })
      }
      const { status, body } = tellableError(error)
      if (status >= 500) options.onFault(error)
      telemetry.end(status, body.error.code)
      return errorResponse(error)
    }
  }
}
