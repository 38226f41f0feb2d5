import type { ChatTemplate } from '../text/chat-template.ts'
import type { TextTokenizer } from '../text/tokenizer.ts'
import type { DecoderManifest } from './manifest.ts'

/** What a decoder's work needs beside its graph. */
export interface DecoderText {
  readonly manifest: DecoderManifest
  readonly tokenizer: TextTokenizer
  readonly template: ChatTemplate
}
