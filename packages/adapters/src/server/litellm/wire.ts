import { z } from 'zod'

const text = z.string()
/** LiteLLM fills what it has, and sends null for the rest. */
const maybe = <Schema extends z.ZodType>(schema: Schema) => schema.nullish()

const content = maybe(z.union([text, z.array(z.looseObject({ type: maybe(text), text: maybe(text) }))]))
const toolCall = z.looseObject({
  id: maybe(text),
  type: maybe(text),
  function: maybe(z.looseObject({ name: maybe(text), arguments: maybe(text) })),
  custom: maybe(z.looseObject({ name: maybe(text), input: maybe(text) })),
})

/** What LiteLLM asks a generic guardrail: its `GenericGuardrailAPIRequest`, as of 1.110. Fields that are not read pass. */
export const litellmRequestSchema = z.looseObject({
  input_type: z.enum(['request', 'response']),
  texts: maybe(z.array(text)),
  images: maybe(z.array(text)),
  structured_messages: maybe(
    z.array(
      z.looseObject({ role: text, content, tool_calls: maybe(z.array(toolCall)), tool_call_id: maybe(text) }),
    ),
  ),
  tool_calls: maybe(z.array(toolCall)),
  litellm_call_id: maybe(text),
  request_data: maybe(
    z.looseObject({ user_api_key_end_user_id: maybe(text), user_api_key_user_id: maybe(text) }),
  ),
  additional_provider_specific_params: maybe(z.looseObject({ grant: maybe(text), locale: maybe(text) })),
})

export type LitellmRequest = z.infer<typeof litellmRequestSchema>

/** What LiteLLM understands: its `GenericGuardrailAPIResponse`. */
export const litellmAnswerSchema = z.object({
  action: z.enum(['NONE', 'BLOCKED', 'GUARDRAIL_INTERVENED']),
  blocked_reason: text
    .optional()
    .describe('What the end user reads: the policy’s message, and the decision’s id.'),
  texts: z.array(text).optional().describe('The texts with the edits made, in the order of the request.'),
  stream_holdback_chars: z
    .array(z.int().min(0))
    .optional()
    .describe('How many characters at the end of each text a later part of the stream may still change.'),
})

export type LitellmAnswer = z.infer<typeof litellmAnswerSchema>

/** Whether texts come back edited, or are refused where LiteLLM would drop the edits. */
export type EditHandling = 'apply' | 'refuse'
