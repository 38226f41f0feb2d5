import { sdkError } from '../errors/codes.ts'
import type { Message } from './message.ts'
import type { RequestContext } from './subject.ts'

const CONTROL = /\p{Cc}/u
/** RFC 6838 names, with a wildcard subtype for providers that name the kind alone (`image/*`). */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/(?:\*|[a-z0-9][a-z0-9!#$&^_.+-]{0,126})$/i

function checkId(name: string, value: unknown): void {
  if (value === undefined) return
  const wrong =
    typeof value !== 'string'
      ? `of type ${typeof value}`
      : value.length < 1 || value.length > 300
        ? `${value.length} characters long`
        : !value.isWellFormed() || CONTROL.test(value)
          ? 'not well-formed'
          : undefined
  if (wrong !== undefined) throw sdkError('PARAPET_CONTEXT_INVALID', { issue: `${name} is ${wrong}` })
}

/** Holds ids to what can be stored with a record. @throws PARAPET_CONTEXT_INVALID */
export function checkContext(context: RequestContext): RequestContext {
  for (const name of ['tenant', 'subjectKey', 'requestId', 'locale'] as const) checkId(name, context[name])
  return context
}

/** A media type as records name it; one that is none could carry a user's words. */
export function mediaTypeOf(mediaType: string): string {
  return MEDIA_TYPE.test(mediaType) ? mediaType.toLowerCase() : 'application/octet-stream'
}

/** The messages, with media types that can be recorded. */
export function checkMessages(messages: readonly Message[]): Message[] {
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) =>
      part.type === 'media' ? { ...part, mediaType: mediaTypeOf(part.mediaType) } : part,
    ),
  }))
}
