import type { MessageInput } from '@parapet/sdk'
import { z } from 'zod'
import type { Line } from './read-lines.ts'

const message = z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() })
const request = z.looseObject({
  text: z.string().optional(),
  messages: z.array(message).min(1).optional(),
  response: z.string().optional(),
})

/** A line as it was asked: its fields, and the conversation that they make. */
export interface RequestLine {
  /** Everything that stood in the line, passed through. */
  readonly fields: Readonly<Record<string, unknown>>
  /** The text in question: `text`, or the last message. */
  readonly text: string
  /** The messages before it. */
  readonly conversation: readonly MessageInput[]
  /** The conversation, the text in question included. */
  readonly turns: readonly MessageInput[]
  /** An answer that stands beside it. */
  readonly response?: string
}

/** A line that is not a request, and why: never its words. */
export interface InvalidLine {
  readonly number: number
  readonly problem: string
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads a request: an object with `text`, or with `messages` whose last one is the text in question. */
export function requestLine({ number, text }: Line): RequestLine | InvalidLine {
  if (text === undefined) return { number, problem: 'it is longer than 64 MiB' }
  const value = parseJson(text)
  if (value === undefined) return { number, problem: 'it is not JSON' }
  const parsed = request.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { number, problem: `${issue?.path.join('.') || 'it'} is not as expected (${issue?.code})` }
  }
  const { text: plain, messages, response } = parsed.data
  if (plain === undefined && messages === undefined)
    return { number, problem: 'it has neither "text" nor "messages"' }
  const turns: MessageInput[] = [
    ...(messages ?? []),
    ...(plain === undefined ? [] : [{ role: 'user' as const, content: plain }]),
  ]
  const last = turns.at(-1) as { content: string }
  return {
    fields: parsed.data,
    text: last.content,
    conversation: turns.slice(0, -1),
    turns,
    ...(response === undefined ? {} : { response }),
  }
}

export const isInvalid = (line: RequestLine | InvalidLine): line is InvalidLine => 'problem' in line
