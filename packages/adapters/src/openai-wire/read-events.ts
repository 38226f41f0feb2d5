import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { type ReadLimits, readBytes } from './read-body.ts'

/**
 * Server-sent events of a body, one after another, however its bytes are cut. An event that the end of the body leaves
 * without its empty line counts, as it does for OpenAI's client.
 * @throws PARAPET_ADAPTER_TOO_LARGE, PARAPET_ADAPTER_PROVIDER_STALLED, and whatever the body throws
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  limits: ReadLimits,
): AsyncGenerator<EventSourceMessage> {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => events.push(event) })
  const decoder = new TextDecoder()
  for await (const chunk of readBytes(body, limits)) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* events.splice(0)
  }
  // The last line may lack its end, and the event its empty line.
  parser.feed(`${decoder.decode()}\n\n`)
  yield* events
}
