/** What the app learns of a call or a result that was withheld. The model and the end user learn less: a neutral text. */
export interface WithheldTool {
  readonly toolName: string
  readonly stage: 'toolCall' | 'toolResult'
  readonly decisionId: string
  /** The ticket of a hold that was not decided in time: `guard.resume(ticket)` later. */
  readonly ticket?: string
}

/** What the model reads in the place of what was withheld. */
export const DEFAULT_WITHHELD = 'The result is not available.'
