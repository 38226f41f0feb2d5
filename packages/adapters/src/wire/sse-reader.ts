import { createParser } from 'eventsource-parser'
import type { BodyReader } from './body-reader.ts'

/** The data of server-sent events, one by one, wherever the bytes are cut. Comments, ids and event names are left out. */
export interface SseReader {
  /** The data of the next event; undefined at the end. What stands after the last blank line is no event. */
  next(): Promise<string | undefined>
}

/** Reads events of a body. Its limits bound a line, an event and all of them. @throws whatever the reader does */
export function createSseReader(reader: BodyReader): SseReader {
  const decoder = new TextDecoder()
  let events: string[] = []
  let next = 0
  const parser = createParser({ onEvent: ({ data }) => void events.push(data) })

  return {
    async next() {
      for (;;) {
        if (next < events.length) return events[next++]
        events = []
        next = 0
        const bytes = await reader.read()
        if (!bytes) return undefined
        parser.feed(decoder.decode(bytes, { stream: true }))
      }
    },
  }
}
