import { z } from 'zod'
import { sdkError } from '../errors/codes.ts'
import type { AnswerPart } from '../guard/guard.ts'
import { type Message, type MessageInput, toMessages } from './message.ts'
import { STAGES, type Stage } from './stage.ts'
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

const text = z.string()
const partSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.literal('reasoning'), text }),
  z.object({ type: z.literal('tool-call'), toolCallId: text, toolName: text, input: text }),
  z.object({
    type: z.literal('tool-result'),
    toolCallId: text,
    toolName: text,
    output: text,
    json: z.boolean(),
  }),
  z.object({ type: z.literal('media'), mediaType: text }),
])
const messagesSchema = z.array(
  z.object({
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content: z.union([text, z.array(partSchema)]),
  }),
)

/** Where a value is not as its type says: the place and what was expected, never the value. */
function issueOf(name: string, error: z.ZodError): string {
  const [issue] = error.issues
  const nested = issue?.code === 'invalid_union' ? issue.errors.flat()[0] : undefined
  const path = [name, ...(issue?.path ?? []), ...(nested?.path ?? [])].join('.')
  return `${path} is not as expected (${nested?.code ?? issue?.code ?? 'invalid'})`
}

/**
 * The messages as they are judged. A role or a part that is not known cannot be judged, and so is refused.
 * @throws PARAPET_CONTEXT_INVALID
 */
export function checkMessages(messages: readonly MessageInput[]): Message[] {
  const checked = messagesSchema.safeParse(messages)
  if (!checked.success)
    throw sdkError('PARAPET_CONTEXT_INVALID', { issue: issueOf('messages', checked.error) })
  return toMessages(messages).map((message) => ({
    ...message,
    parts: message.parts.map((part) =>
      part.type === 'media' ? { ...part, mediaType: mediaTypeOf(part.mediaType) } : part,
    ),
  }))
}

const answerPartSchema = z.union([
  z.object({ stage: z.enum(['output', 'reasoning', 'toolCall', 'toolResult']), text }),
  z.object({ stage: z.enum(['output', 'toolResult']), media: text }),
])

/** Holds a part of an answer to its type. @throws PARAPET_CONTEXT_INVALID */
export function checkAnswerPart(part: AnswerPart): AnswerPart {
  const checked = answerPartSchema.safeParse(part)
  if (!checked.success) throw sdkError('PARAPET_CONTEXT_INVALID', { issue: issueOf('part', checked.error) })
  return part
}

/** Holds a question to its type. @throws PARAPET_CONTEXT_INVALID */
export function checkQuestion(stage: unknown, value: unknown, stages: readonly string[] = STAGES): void {
  const issue = !stages.includes(stage as Stage)
    ? `the stage is none of ${stages.join(', ')}`
    : typeof value !== 'string'
      ? `the text is of type ${typeof value}`
      : undefined
  if (issue !== undefined) throw sdkError('PARAPET_CONTEXT_INVALID', { issue })
}
