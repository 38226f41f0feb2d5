import { fault } from '../errors/codes.ts'
import type { TooLong } from '../host/reading.ts'
import { tokenWindows } from '../text/token-windows.ts'
import type { TextTokenizer } from '../text/tokenizer.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import type { EncoderModelFolder } from './model-folder.ts'
import { CHARACTERS_PER_TOKEN } from './work.ts'

/** A text as a text encoder reads it. */
export interface TextWindows {
  readonly kind: 'windows'
  /** Tokens of the text, special tokens not counted. */
  readonly tokens: number
  /** How many of them were not in the vocabulary. */
  readonly unknownTokens: number
  /** Token ids of each overlapping window, special tokens around them: what one pass is fed. */
  readonly windows: readonly (readonly number[])[]
}

/** Cuts texts into the windows that a text encoder reads, without loading its graph. */
export interface EncoderWindows {
  /** @param maxTokens a text with more tokens is too long */
  cut(text: string, maxTokens: number): TextWindows | TooLong
}

/**
 * Loads the tokenizer of a text encoder: for graphs that run elsewhere. It computes on the thread that calls it.
 * @throws `PARAPET_MODEL_TOKENIZER_INVALID`, `PARAPET_MODEL_FILE_MISSING`, `…_DIGEST_MISMATCH`, `…_MANIFEST_INVALID`
 */
export async function openEncoderWindows(folder: EncoderModelFolder): Promise<EncoderWindows> {
  const { manifest } = folder
  const tokenizer = await loadTokenizer(folder)
  const { before, after } = tokenizer.around
  const room = manifest.windowTokens - before.length - after.length
  if (room < 1) {
    const problem = `a window of ${manifest.windowTokens} tokens has no room beside the special tokens`
    throw fault('PARAPET_MODEL_MANIFEST_INVALID', { path: 'windowTokens', problem })
  }
  const stride = Math.min(manifest.strideTokens, room)
  return {
    cut(text, maxTokens) {
      if (text.length > maxTokens * CHARACTERS_PER_TOKEN) return { kind: 'too-long', tokens: undefined }
      const ids = tokenizer.encode(text)
      if (ids.length > maxTokens) return { kind: 'too-long', tokens: ids.length }
      const windows = tokenWindows(ids, room, stride).map((window) => [...before, ...window, ...after])
      return { kind: 'windows', tokens: ids.length, unknownTokens: countUnknown(ids, tokenizer), windows }
    },
  }
}

function countUnknown(ids: readonly number[], { unknownId }: TextTokenizer): number {
  return unknownId === undefined ? 0 : ids.filter((id) => id === unknownId).length
}
