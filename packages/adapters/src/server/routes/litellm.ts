import { judgeRequest } from '../litellm/judge-request.ts'
import { judgeResponse } from '../litellm/judge-response.ts'
import { type EditHandling, litellmAnswerSchema, litellmRequestSchema } from '../litellm/wire.ts'
import { type Route, route } from '../route.ts'

function litellmRoute(path: string, id: string, edits: EditHandling, summary: string): Route {
  return route({
    method: 'POST',
    path,
    id,
    summary,
    body: { type: 'application/json', schema: litellmRequestSchema },
    answers: [{ type: 'application/json', schema: litellmAnswerSchema }],
    async handle(call) {
      const request = await call.json(litellmRequestSchema)
      const judged = request.input_type === 'request' ? judgeRequest : judgeResponse
      return Response.json(await judged(call, request, edits))
    },
  })
}

/**
 * LiteLLM's generic guardrail API. LiteLLM drops edits in `during_call` and in streams that only block; it does not say
 * which of them asks, so an address of its own says it: `api_base: …/block-edits`.
 */
export const LITELLM_ROUTES: readonly Route[] = [
  litellmRoute(
    '/beta/litellm_basic_guardrail_api',
    'litellm',
    'apply',
    'LiteLLM’s generic guardrail: texts come back with the edits made.',
  ),
  litellmRoute(
    '/block-edits/beta/litellm_basic_guardrail_api',
    'litellmBlockEdits',
    'refuse',
    'LiteLLM’s generic guardrail, where LiteLLM would drop edits: what needs one is blocked.',
  ),
]
