import { serverError } from './codes.ts'

const failed = (fault: string, cause?: unknown) =>
  serverError('PARAPET_SERVER_UPSTREAM_FAILED', { fault }, { cause })

/** What a network error may be called: its code, where it is a plain word. */
function faultOf(error: unknown): string {
  const { code } = ((error as { readonly cause?: unknown }).cause ?? error) as { readonly code?: unknown }
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : 'the connection failed'
}

/** A body that fails when it pauses for longer than `timeoutMs`. */
function withoutPause(
  body: ReadableStream<Uint8Array>,
  timeoutMs: number,
  giveUp: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let timer: NodeJS.Timeout | undefined
        const paused = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(failed(`it paused for ${timeoutMs} ms`)), timeoutMs)
        })
        try {
          const { done, value } = await Promise.race([reader.read(), paused])
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          giveUp()
          controller.error(error)
        } finally {
          clearTimeout(timer)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/**
 * A fetch for the upstream: it follows no redirect, which could lead anywhere, and waits for no byte longer than
 * `timeoutMs`.
 */
export function upstreamFetch(
  timeoutMs: number,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return async (input, init = {}) => {
    const silence = new AbortController()
    const timer = setTimeout(
      () => silence.abort(failed(`it did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    const signal = init.signal ? AbortSignal.any([init.signal, silence.signal]) : silence.signal
    try {
      const response = await fetch(input, { ...init, signal, redirect: 'manual' })
      if (response.status >= 300 && response.status < 400) {
        await response.body?.cancel()
        throw failed('it redirects')
      }
      if (!response.body) return response
      return new Response(
        withoutPause(response.body, timeoutMs, () => silence.abort()),
        response,
      )
    } catch (error) {
      if (init.signal?.aborted) throw error
      if (silence.signal.aborted) throw silence.signal.reason
      if ((error as { readonly code?: unknown }).code === 'PARAPET_SERVER_UPSTREAM_FAILED') throw error
      throw failed(faultOf(error), error)
    } finally {
      clearTimeout(timer)
    }
  }
}
