const STREAMS = /^(text\/event-stream|application\/x-ndjson)\b/

/**
 * The same response, and one call of `onEnd` when nothing is left to do for it: at once where it does not stream, for then all
 * of it is made; else when its body was read to the end, failed, or is not wanted any more: a caller
 * that left before it was begun reads nothing and cancels nothing.
 */
export function trackedResponse(response: Response, signal: AbortSignal, ended: () => void): Response {
  const onEnd = () => {
    signal.removeEventListener('abort', onEnd)
    if (over) return
    over = true
    ended()
  }
  let over = false
  signal.addEventListener('abort', onEnd, { once: true })
  if (!STREAMS.test(response.headers.get('content-type') ?? '') || !response.body || signal.aborted) {
    onEnd()
    return response
  }
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          onEnd()
          controller.close()
        } catch (error) {
          onEnd()
          controller.error(error)
        }
      },
      async cancel(reason) {
        onEnd()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, response)
}
