import { isParapetError } from '@parapet/sdk'
import type { EventSourceMessage } from 'eventsource-parser'
import { matching } from '../answer/known-forms.ts'
import { adapterError } from '../errors/codes.ts'
import { isObject, type Json, objectOf } from './json-value.ts'
import type { ResolvedWireOptions } from './options.ts'
import type { WireAnswer } from './protocol.ts'
import { readText } from './read-body.ts'
import { readEvents } from './read-events.ts'

/** What the guard takes of an answer, piece by piece. A whole answer is one piece. */
export type AnswerPiece = (answer: WireAnswer) => Promise<void>

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue })

function objectOfText(text: string, issue: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed(issue)
  }
  if (isObject(value)) return value
  throw malformed(issue)
}

/** By what the body says it is; where that says nothing, by what was asked for. */
function isEventStream(response: Response, asked: boolean): boolean {
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'text/event-stream') return true
  return asked && !/(^|[/+])json$/.test(type)
}

const isEnd = ({ data }: EventSourceMessage) => data === '[DONE]'

/** JSON that is nested too deep is read, and cannot be written. */
async function readable(taking: Promise<void>): Promise<void> {
  try {
    await taking
  } catch (error) {
    throw error instanceof RangeError ? malformed('it is nested too deep') : error
  }
}

/** What of an error may be said: its class or code, where that is a plain word. */
function kindOf(error: unknown): string {
  const { code, name } = objectOf(error)
  return (
    [code, name].map((word) => matching(/^\w{1,40}$/, word)).find((word) => word !== undefined) ?? 'unknown'
  )
}

async function* pieces(
  response: Response,
  { streams, maxAnswerBytes: maxBytes, stallMs }: ReadAnswerOptions,
): AsyncGenerator<AnswerPiece> {
  const limits = { what: 'answer', maxBytes, ...(stallMs === undefined ? {} : { stallMs }) } as const
  if (!isEventStream(response, streams)) {
    const text = await readText(response.body, limits)
    const body = objectOfText(text, 'it is no JSON object')
    yield (answer) => readable(answer.takeWhole(body))
    return
  }
  if (!response.body) throw malformed('it has no body')
  let ended = false
  for await (const event of readEvents(response.body, limits)) {
    // What follows the end is read, so that the connection can be used again, and not looked at.
    if (ended) continue
    ended = isEnd(event)
    if (ended) yield (answer) => answer.close()
    else {
      const data = objectOfText(event.data, 'an event of it is no JSON object')
      yield (answer) => readable(answer.take(data))
    }
  }
  if (!ended) yield (answer) => answer.close()
}

export type ReadAnswerOptions = Pick<ResolvedWireOptions, 'maxAnswerBytes' | 'onProviderError'> & {
  readonly streams: boolean
  /** The longest silence in milliseconds, in [1, 2^31). @default any */
  readonly stallMs?: number
}

/**
 * The answer in a response's body: events, or one piece of JSON, whichever came. A content type that lies makes it
 * unreadable, and an answer that cannot be read is no answer.
 * @throws PARAPET_ADAPTER_ANSWER_MALFORMED, PARAPET_ADAPTER_TOO_LARGE, PARAPET_ADAPTER_PROVIDER_STALLED;
 * PARAPET_ADAPTER_PROVIDER_FAILED when it breaks off
 */
export async function* readAnswer(
  response: Response,
  options: ReadAnswerOptions,
): AsyncGenerator<AnswerPiece, void, undefined> {
  try {
    yield* pieces(response, options)
  } catch (error) {
    if (isParapetError(error)) throw error
    try {
      options.onProviderError(error)
    } catch {
      // A listener that fails must not put its own error in the place of the call's.
    }
    throw adapterError('PARAPET_ADAPTER_PROVIDER_FAILED', { kind: kindOf(error) })
  }
}
