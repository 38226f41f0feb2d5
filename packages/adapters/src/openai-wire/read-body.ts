import { adapterError } from '../errors/codes.ts'
import { withinSilence } from '../wire/within-silence.ts'

/** How much of a body is read, and how slowly it may come. */
export interface ReadLimits {
  readonly what: 'request' | 'answer'
  readonly maxBytes: number
  /** The longest silence in milliseconds, in [1, 2^31). @default any */
  readonly stallMs?: number
}

const ignore = () => undefined

/** A body whose silences end it. Time counts only while a piece is waited for. @throws PARAPET_ADAPTER_PROVIDER_STALLED */
async function* withoutStall(body: ReadableStream<Uint8Array>, stallMs: number): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await withinSilence(pieces.next(), stallMs)
      if (done) return
      yield value
    }
  } finally {
    // Nothing waits for the provider: it may be the one that stalls.
    pieces.return?.().catch(ignore)
  }
}

/**
 * Bytes of a body, within limits.
 * @throws PARAPET_ADAPTER_TOO_LARGE, PARAPET_ADAPTER_PROVIDER_STALLED, and whatever the body throws
 */
export async function* readBytes(
  body: ReadableStream<Uint8Array>,
  { what, maxBytes, stallMs }: ReadLimits,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of stallMs === undefined ? body : withoutStall(body, stallMs)) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw adapterError('PARAPET_ADAPTER_TOO_LARGE', { what, maxBytes })
    yield chunk
  }
}

/**
 * The text of a body.
 * @throws PARAPET_ADAPTER_TOO_LARGE, PARAPET_ADAPTER_PROVIDER_STALLED, and whatever the body throws
 */
export async function readText(body: ReadableStream<Uint8Array> | null, limits: ReadLimits): Promise<string> {
  if (!body) return ''
  const decoder = new TextDecoder()
  const pieces: string[] = []
  for await (const chunk of readBytes(body, limits)) pieces.push(decoder.decode(chunk, { stream: true }))
  pieces.push(decoder.decode())
  return pieces.join('')
}
