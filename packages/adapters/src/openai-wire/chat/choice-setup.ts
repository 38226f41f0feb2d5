import type { createIds } from '../../answer/known-forms.ts'
import type { Parts } from '../parts.ts'
import type { ChatWriter } from './chat-writer.ts'

/** What all choices of an answer share. */
export interface ChoiceSetup {
  readonly parts: Parts
  readonly writer: ChatWriter
  readonly structured: boolean
  readonly toolNames: ReadonlySet<string>
  readonly audioFormat: string
  readonly idOf: ReturnType<typeof createIds>
}
