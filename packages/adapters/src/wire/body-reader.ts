import type { ProviderCall } from '../answer/provider-call.ts'
import { adapterError } from '../errors/codes.ts'
import { withinSilence } from './within-silence.ts'

/** How much, and how slowly, a provider may answer. */
export interface BodyLimits {
  /** The most bytes of an answer, in [1, 2^31]. */
  readonly maxAnswerBytes: number
  /** The longest silence within an answer in milliseconds, in [1, 2^31). */
  readonly stallMs: number
}

/** Reads a provider's body piece by piece, within limits. */
export interface BodyReader {
  /**
   * The next piece; undefined at the end. Rejects as soon as the caller gives up.
   * @throws PARAPET_ADAPTER_TOO_LARGE, PARAPET_ADAPTER_PROVIDER_STALLED
   */
  read(): Promise<Uint8Array | undefined>
  /** Lets go of the body. Nothing waits for the provider: it may be the one that stalls. */
  cancel(): void
}

const ignore = () => undefined

export function createBodyReader(
  body: ReadableStream<Uint8Array> | null,
  { maxAnswerBytes, stallMs }: BodyLimits,
  call: ProviderCall,
): BodyReader {
  const reader = body?.getReader()
  let bytes = 0

  return {
    async read() {
      if (!reader) return undefined
      const { done, value } = await call.race(withinSilence(reader.read(), stallMs))
      if (done) return undefined
      bytes += value.byteLength
      if (bytes > maxAnswerBytes)
        throw adapterError('PARAPET_ADAPTER_TOO_LARGE', { what: 'answer', maxBytes: maxAnswerBytes })
      return value
    },
    cancel: () => void reader?.cancel().catch(ignore),
  }
}
