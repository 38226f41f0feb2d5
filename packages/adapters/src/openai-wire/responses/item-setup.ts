import type { createIds } from '../../answer/known-forms.ts'
import type { Parts } from '../parts.ts'
import type { ResponsesWriter } from './responses-writer.ts'

/** What all items of an answer share. */
export interface ItemSetup {
  readonly parts: Parts
  readonly writer: ResponsesWriter
  readonly structured: boolean
  readonly toolNames: ReadonlySet<string>
  readonly idOf: ReturnType<typeof createIds>
}
