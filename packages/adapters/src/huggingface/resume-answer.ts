import type { Answer, AnswerPart } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'

/** A tool call of a held answer. */
export interface ResumedCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

/** A held answer that was approved, edits applied. */
export interface ResumedChat {
  /** The first choice, as a message of a conversation. */
  readonly message: {
    readonly role: 'assistant'
    readonly content: string
    readonly tool_calls?: readonly ResumedCall[]
  }
  readonly reasoning: string
  /** Texts of further choices, in the order in which they began. */
  readonly others: readonly string[]
}

/**
 * Turns the answer that `guard.resume(ticket)` found into a message.
 * @throws PARAPET_ADAPTER_ANSWER_FOREIGN when another adapter stored the answer
 */
export function resumeAnswer({ answer }: { readonly answer: Answer }): ResumedChat {
  const texts: string[] = []
  const calls: ResumedCall[] = []
  let reasoning = ''
  let name: string | undefined
  for (const part of answer.parts) {
    if (!('text' in part) || part.stage === 'toolResult') throw foreign(part)
    if (part.stage === 'output') texts.push(part.text)
    else if (part.stage === 'reasoning') reasoning += part.text
    else if (!('toolName' in part)) throw foreign(part)
    else if (part.origin?.['kind'] === 'tool-name') name = String(JSON.parse(part.text))
    else {
      const call = toCall(part, name)
      if (part.origin?.['choice'] === undefined) calls.push(call)
      name = undefined
    }
  }
  const [content = '', ...others] = texts
  const called = calls.length === 0 ? {} : { tool_calls: calls }
  return { message: { role: 'assistant', content, ...called }, reasoning, others }
}

const foreign = ({ stage }: AnswerPart) => adapterError('PARAPET_ADAPTER_ANSWER_FOREIGN', { stage })

function toCall(part: Extract<AnswerPart, { toolName: string }>, name: string | undefined): ResumedCall {
  const id = part.origin?.['id']
  if (typeof id !== 'string') throw foreign(part)
  return { id, type: 'function', function: { name: name ?? part.toolName, arguments: part.text } }
}
