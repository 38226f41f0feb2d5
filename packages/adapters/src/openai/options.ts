import type { WireOptions } from '../openai-wire/options.ts'

/** How a client of `openai` is guarded. Faults are typed errors, whichever method was called. */
export type GuardOpenAIOptions = Omit<WireOptions, 'faults'>
