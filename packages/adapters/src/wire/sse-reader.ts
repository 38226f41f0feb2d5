import { createParser } from 'eventsource-parser'
import type { BodyReader } from './body-reader.ts'

/** The data of server-sent events, one by one, wherever the bytes are cut. Comments, ids and event names are left out. */
export interface SseReader {
  /** The data of the next event; undefined at the end. */
  next(): Promise<string | undefined>
}

/** How a stream is read as its client reads it. */
export interface SseOptions {
  /**
   * What becomes of an event that the end of the body leaves without its empty line: the standard drops it, and so does
   * Anthropic's client; for OpenAI's it counts. @default 'dropped'
   */
  readonly unended?: 'dropped' | 'counts'
}

/** Reads events of a body. Its limits bound a line, an event and all of them. @throws whatever the reader does */
export function createSseReader(reader: BodyReader, { unended = 'dropped' }: SseOptions = {}): SseReader {
  const decoder = new TextDecoder()
  let events: string[] = []
  let next = 0
  let ended = false
  const parser = createParser({ onEvent: ({ data }) => void events.push(data) })

  return {
    async next() {
      for (;;) {
        if (next < events.length) return events[next++]
        if (ended) return undefined
        events = []
        next = 0
        const bytes = await reader.read()
        ended = bytes === undefined
        if (bytes) parser.feed(decoder.decode(bytes, { stream: true }))
        // The last line may lack its end, too.
        else if (unended === 'counts') parser.feed(`${decoder.decode()}\n\n`)
      }
    },
  }
}
