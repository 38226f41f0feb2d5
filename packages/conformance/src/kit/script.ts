/** A choice of a scripted answer. */
export interface ScriptedChoice {
  readonly text?: string
  readonly reasoning?: string
  /** Arguments of a call of the tool `note`: JSON text. */
  readonly toolCall?: string
}

/** What the scripted provider answers, streamed or not. */
export interface AnswerScript {
  /** On a wire that has no choices, each is one item or block more. */
  readonly choices: readonly ScriptedChoice[]
  /** UTF-16 units of each piece of a stream; 0 sends each part in one. @default 8 */
  readonly chunk?: number
  /**
   * How a stream ends: the end in an event of its own; in the event of the last piece; or the connection closes without one.
   * @default 'apart'
   */
  readonly ending?: 'apart' | 'joined' | 'cut'
  /** Waits so long in the middle of the answer, or before one that does not stream. Milliseconds. @default 0 */
  readonly stallMs?: number
}

/** A script of one choice that is text. */
export const says = (text: string, rest: Omit<AnswerScript, 'choices'> = {}): AnswerScript => ({
  choices: [{ text }],
  ...rest,
})
