import { isParapetError } from '@parapet/sdk'
import { matching } from '../answer/known-forms.ts'
import { adapterError } from '../errors/codes.ts'
import { answerObject } from '../wire/answer-object.ts'
import { createBodyReader } from '../wire/body-reader.ts'
import { readText } from '../wire/read-text.ts'
import { createSseReader } from '../wire/sse-reader.ts'
import { objectOf } from './json-value.ts'
import type { ResolvedWireOptions } from './options.ts'
import type { WireAnswer } from './protocol.ts'

/** What the guard takes of an answer, piece by piece. A whole answer is one piece. */
export type AnswerPiece = (answer: WireAnswer) => Promise<void>

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue })

/** By what the body says it is; where that says nothing, by what was asked for. */
function isEventStream(response: Response, asked: boolean): boolean {
  const type = (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'text/event-stream') return true
  return asked && !/(^|[/+])json$/.test(type)
}

const END = '[DONE]'

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
  const limits = { maxBytes, ...(stallMs === undefined ? {} : { stallMs }) }
  const reader = createBodyReader(response.body, limits)
  if (!isEventStream(response, streams)) {
    const body = answerObject(await readText(reader), 'it')
    yield (answer) => readable(answer.takeWhole(body))
    return
  }
  if (!response.body) throw malformed('it has no body')
  const events = createSseReader(reader, { unended: 'counts' })
  let ended = false
  try {
    for (let data = await events.next(); data !== undefined; data = await events.next()) {
      // What follows the end is read, so that the connection can be used again, and not looked at.
      if (ended) continue
      ended = data === END
      if (ended) yield (answer) => answer.close()
      else {
        const event = answerObject(data, 'an event of it')
        yield (answer) => readable(answer.take(event))
      }
    }
  } finally {
    reader.cancel()
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
