import type { AnswerScript } from '../kit/script.ts'

/** How one provider writes an answer. */
export interface Wire {
  /** The body of an answer that does not stream. */
  whole(script: AnswerScript): object
  /** The events of a stream, as they stand on the wire, in order. One that is cut lacks the last. */
  events(script: AnswerScript): string[]
}

/** Cuts a text as a script says: each so many UTF-16 units, 0 not at all. */
export function cut(text: string, { chunk = 8 }: AnswerScript): string[] {
  if (chunk === 0) return [text]
  return Array.from({ length: Math.ceil(text.length / chunk) }, (_, at) =>
    text.slice(at * chunk, (at + 1) * chunk),
  )
}

/** An event that has its name twice, as all but OpenAI's chat route do it. */
export const namedEvent = <Event extends { readonly type: string }>(event: Event) =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
