import { applyEdits, type CheckRequest, type Decision, STAGES } from '@parapet/sdk'
import { z } from 'zod'
import { contextOf } from '../context-of.ts'
import { type Call, route } from '../route.ts'
import { contextSchema, decisionSchema, messageSchema, verdictSchema } from '../schemas.ts'
import { shownDecision } from '../shown-decision.ts'

const bodySchema = z
  .strictObject({
    stage: z.enum(STAGES),
    text: z.string().optional().describe('What is judged. Give this or `messages`.'),
    messages: z
      .array(messageSchema)
      .min(1)
      .optional()
      .describe('The last one is judged, its content a string; the others are the conversation before it.'),
    json: z
      .boolean()
      .optional()
      .describe('The text is JSON, and judged by its decoded leaves, in which edits count.'),
    context: contextSchema.optional(),
  })
  .refine(
    ({ text, messages }) => (text === undefined) !== (messages === undefined),
    'give either text or messages',
  )
  .refine(
    ({ messages }) => messages === undefined || typeof messages.at(-1)?.content === 'string',
    'the content of the last message has to be a string',
  )

const edited = {
  text: z
    .string()
    .optional()
    .describe(
      'The text with the edits made, where there are any. Not for JSON, whose edits count in its leaves.',
    ),
}
const answerSchema = z.union([
  z.object({ ...decisionSchema.shape, ...edited }),
  z.object({ ...verdictSchema.shape, ...edited }),
])

type Question = Pick<CheckRequest, 'text' | 'conversation'>

function questionOf({ text, messages = [] }: z.infer<typeof bodySchema>): Question {
  if (text !== undefined) return { text }
  const last = messages.at(-1)?.content
  return { text: typeof last === 'string' ? last : '', conversation: messages.slice(0, -1) }
}

/** The edited text, where edits are enforced and count in the text itself. */
function editedText({ effective, verdict, edits }: Decision, text: string, json: boolean) {
  return json || edits.length === 0 || effective !== verdict ? {} : { text: applyEdits(text, edits) }
}

async function handle(call: Call): Promise<Response> {
  const body = await call.json(bodySchema)
  const { stage, json = false } = body
  const question = questionOf(body)
  const context = contextOf(call, body.context)
  const decision = await call.guard.check({ ...question, stage, json, context, signal: call.signal })
  call.decided(decision)
  return Response.json({
    ...shownDecision(decision, call.options.answers),
    ...editedText(decision, question.text, json),
  })
}

export const checkRoute = route({
  method: 'POST',
  path: '/v1/check',
  id: 'check',
  summary: 'What the policy says of one text. Acts on nothing: a hold is named, and put on no queue.',
  body: { type: 'application/json', schema: bodySchema },
  answers: [{ type: 'application/json', schema: answerSchema }],
  handle,
})
