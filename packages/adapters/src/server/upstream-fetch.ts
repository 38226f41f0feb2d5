import { isParapetError } from '@parapet/sdk'
import { serverError } from './codes.ts'
import { type LinkedAbort, linkedAbort } from './linked-abort.ts'

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
  { abort, unlink }: Pick<LinkedAbort, 'abort' | 'unlink'>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let pause: (error: Error) => void = () => undefined
  const paused = new Promise<never>((_, reject) => {
    pause = reject
  })
  paused.catch(() => undefined)
  let timer: NodeJS.Timeout | undefined
  return new ReadableStream<Uint8Array>(
    {
      // Only while something is waited for: a caller that reads slowly is no pause of the upstream.
      async pull(controller) {
        timer = setTimeout(() => pause(failed(`it paused for ${timeoutMs} ms`)), timeoutMs)
        try {
          const { done, value } = await Promise.race([reader.read(), paused])
          if (!done) return controller.enqueue(value)
          unlink()
          controller.close()
        } catch (error) {
          unlink()
          abort(error)
          controller.error(error)
        } finally {
          clearTimeout(timer)
        }
      },
      cancel(reason) {
        clearTimeout(timer)
        unlink()
        return reader.cancel(reason)
      },
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
    const { signal, abort, unlink } = linkedAbort(...(init.signal ? [init.signal] : []))
    const silent = () => abort(failed(`it did not answer within ${timeoutMs} ms`))
    const timer = setTimeout(silent, timeoutMs)
    try {
      const response = await fetch(input, { ...init, signal, redirect: 'manual' })
      if (response.status >= 300 && response.status < 400) {
        await response.body?.cancel()
        throw failed('it redirects')
      }
      if (response.body)
        return new Response(withoutPause(response.body, timeoutMs, { abort, unlink }), response)
      unlink()
      return response
    } catch (error) {
      unlink()
      if (init.signal?.aborted || isParapetError(error)) throw error
      throw signal.aborted ? signal.reason : failed(faultOf(error), error)
    } finally {
      clearTimeout(timer)
    }
  }
}
