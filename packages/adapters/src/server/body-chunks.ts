import { serverError } from './codes.ts'

/** How much of a body is taken, and how long it is waited for. */
export interface BodyLimits {
  /** Bytes. */
  readonly maxBodyBytes: number
  /** Milliseconds. */
  readonly bodyTimeoutMs: number
}

/**
 * A body's bytes as they arrive. What the headers say of its length is only believed when it is too much.
 * @param patience `whole`: all of it within `bodyTimeoutMs`; `pause`: no pause longer than that, for bodies that stream
 * @throws PARAPET_SERVER_BODY_TOO_LARGE, PARAPET_SERVER_BODY_TIMEOUT
 */
export async function* bodyChunks(
  request: Request,
  { maxBodyBytes, bodyTimeoutMs }: BodyLimits,
  patience: 'whole' | 'pause' = 'whole',
): AsyncGenerator<Uint8Array> {
  const tooLarge = () => serverError('PARAPET_SERVER_BODY_TOO_LARGE', { maxBodyBytes })
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
  if (!request.body) return
  const reader = request.body.getReader()
  let late: (error: Error) => void = () => undefined
  const lateness = new Promise<never>((_, reject) => {
    late = reject
  })
  lateness.catch(() => undefined)
  const timer = setTimeout(
    () => late(serverError('PARAPET_SERVER_BODY_TIMEOUT', { bodyTimeoutMs })),
    bodyTimeoutMs,
  )
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), lateness])
      if (done) return
      if (patience === 'pause') timer.refresh()
      bytes += value.byteLength
      if (bytes > maxBodyBytes) throw tooLarge()
      yield value
    }
  } finally {
    clearTimeout(timer)
    // What was not read is not wanted; an unread body must not hold the connection's memory.
    void reader.cancel().catch(() => undefined)
  }
}
