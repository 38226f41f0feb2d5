import type { Subject } from '@parapet/sdk'

/** A subject with this text, as the pipeline hands it over. */
export function subject(text: string, overrides: Partial<Subject> = {}): Subject {
  return { stage: 'input', text, conversation: [], language: 'en', ...overrides }
}
