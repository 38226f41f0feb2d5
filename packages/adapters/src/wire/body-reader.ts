import type { ProviderCall } from '../answer/provider-call.ts'
import { adapterError } from '../errors/codes.ts'
import type { ProviderOptions } from './provider-options.ts'
import { withinSilence } from './within-silence.ts'

/** How much of a body is read, and how slowly it may come. */
export interface BodyLimits {
  /** Whose body it is, for the error. @default 'answer' */
  readonly what?: 'request' | 'answer'
  /** In [1, 2^53). */
  readonly maxBytes: number
  /** The longest silence in milliseconds, in [1, 2^31); time counts only while a piece is waited for. @default any */
  readonly stallMs?: number
}

/** The limits of an answer. */
export const answerLimits = ({
  maxAnswerBytes,
  stallMs,
}: Required<Pick<ProviderOptions, 'maxAnswerBytes' | 'stallMs'>>): BodyLimits => ({
  maxBytes: maxAnswerBytes,
  stallMs,
})

/** Reads a body piece by piece, within limits. */
export interface BodyReader {
  /**
   * The next piece; undefined at the end. Rejects as soon as the caller gives up.
   * @throws PARAPET_ADAPTER_TOO_LARGE, PARAPET_ADAPTER_PROVIDER_STALLED, and whatever the body throws
   */
  read(): Promise<Uint8Array | undefined>
  /** Lets go of the body. Nothing waits for the provider: it may be the one that stalls. */
  cancel(): void
}

const ignore = () => undefined

/** @param call whose caller may give up; without it, whoever reads races it */
export function createBodyReader(
  body: ReadableStream<Uint8Array> | null,
  { what = 'answer', maxBytes, stallMs }: BodyLimits,
  call?: Pick<ProviderCall, 'race'>,
): BodyReader {
  const reader = body?.getReader()
  let bytes = 0

  return {
    async read() {
      if (!reader) return undefined
      const piece = stallMs === undefined ? reader.read() : withinSilence(reader.read(), stallMs)
      const { done, value } = await (call ? call.race(piece) : piece)
      if (done) return undefined
      bytes += value.byteLength
      if (bytes > maxBytes) throw adapterError('PARAPET_ADAPTER_TOO_LARGE', { what, maxBytes })
      return value
    },
    cancel: () => void reader?.cancel().catch(ignore),
  }
}
