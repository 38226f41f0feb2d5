import { z } from 'zod'
import { parseJson } from './parse-json.ts'
import type { Line } from './read-lines.ts'

const message = z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() })
const request = z.looseObject({
  text: z.string().optional(),
  messages: z.array(message).min(1).optional(),
  response: z.string().optional(),
})

/** A message of a line: plain text. */
type Turn = z.infer<typeof message>

type Fields = Readonly<Record<string, unknown>>

/** A line as it was asked: its fields, and the conversation that they make. */
export interface RequestLine {
  /** Everything that stood in the line, passed through. */
  readonly fields: Fields
  /** The text in question: `text`, or the last message. */
  readonly text: string
  /** The messages before it. */
  readonly conversation: readonly Turn[]
  /** The conversation, the text in question included. */
  readonly turns: readonly Turn[]
  /** An answer that stands beside it. */
  readonly response?: string
}

/** A line that is not a request, and why: never its words. */
export interface InvalidLine {
  readonly number: number
  readonly problem: string
  /** What stood in it, where it was an object: passed through too, so that an id of yours stays. */
  readonly fields: Fields
}

function problemOf(error: z.ZodError): string {
  const [issue] = error.issues
  const path = issue?.path.join('.') ?? ''
  const expected = issue && 'expected' in issue ? ` is no ${issue.expected}` : ' is not as expected'
  return path === '' ? 'it is JSON, but no object' : `"${path}"${expected}`
}

/** Reads a request: an object with `text`, or with `messages` whose last one is the text in question. */
export function requestLine({ number, text }: Line): RequestLine | InvalidLine {
  const invalid = (problem: string, fields: Fields = {}): InvalidLine => ({ number, problem, fields })
  if (text === undefined) return invalid('it is longer than 64 MiB')
  const value = parseJson(text)
  if (value === undefined) return invalid('it is not JSON')
  const parsed = request.safeParse(value)
  if (!parsed.success) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return invalid(problemOf(parsed.error), isObject ? (value as Fields) : {})
  }
  // The value as it was read: zod's copy puts the fields it knows first, and drops "__proto__".
  const fields = value as Fields
  const { text: plain, messages, response } = parsed.data
  if (plain === undefined && messages === undefined)
    return invalid('it has neither "text" nor "messages"', fields)
  const turns: Turn[] = [
    ...(messages ?? []),
    ...(plain === undefined ? [] : [{ role: 'user' as const, content: plain }]),
  ]
  const last = turns.at(-1) as { content: string }
  return {
    fields,
    text: last.content,
    conversation: turns.slice(0, -1),
    turns,
    ...(response === undefined ? {} : { response }),
  }
}

export const isInvalid = (line: RequestLine | InvalidLine): line is InvalidLine => 'problem' in line
