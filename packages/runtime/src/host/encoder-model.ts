import type { EncoderManifest } from '../model/manifest.ts'
import type { RequestOptions, TooLong } from './reading.ts'

/** A request to a text encoder. */
export interface EncoderRequest extends RequestOptions {
  /** Texts, each read by itself: what stands beside a text never changes its numbers. Special tokens in it are plain text. */
  readonly texts: readonly string[]
  /** A longer text is answered with `too-long`, before anything is run. @default 8192 */
  readonly maxTokens?: number
  /** The outputs to hand back. @default all that the manifest names */
  readonly outputs?: readonly string[]
}

/** The numbers of one text. */
export interface EncoderRead {
  readonly kind: 'read'
  /** Tokens of the text, special tokens not counted. An empty text has 0, and one window. */
  readonly tokens: number
  /** How many of them were not in the vocabulary. */
  readonly unknownTokens: number
  /** Overlapping windows that the text was read in. */
  readonly windows: number
  /** Output name → one row for each window: float32[labels], logits. */
  readonly outputs: Readonly<Record<string, readonly Float32Array[]>>
}

export type EncoderReading = EncoderRead | TooLong

/** A text encoder with its heads: one tokenisation and one forward pass for all of them. */
export interface EncoderModel {
  readonly manifest: EncoderManifest
  /** Loads the model and runs it once, so that the first request pays for neither. */
  warm(options?: RequestOptions): Promise<void>
  /**
   * Reads texts; the readings are in the texts' order.
   * @throws `PARAPET_RUNTIME_OVERLOADED`, `…_DEADLINE`, `…_ABORTED`, `…_HOST_CRASHED`, `…_HOST_UNRESPONSIVE`, `PARAPET_MODEL_…`
   */
  read(request: EncoderRequest): Promise<readonly EncoderReading[]>
}
