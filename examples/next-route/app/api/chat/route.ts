/**
 * A route of Next.js (app router) with a guarded model. Next reads `POST`, `runtime` and `maxDuration`; the handler is
 * web-standard, a Request in and a Response out, so anything that speaks fetch can serve it too.
 */
import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import { convertToModelMessages, safeValidateUIMessages, streamText, wrapLanguageModel } from 'ai'
import { createGuard } from 'parapet'
import { offlineModel } from '../../../../src/offline/model.ts'
import { shopAnswer, shopPolicy } from '../../../../src/offline/shop.ts'

// Detectors and queues are of Node: the edge runtime has no child processes.
export const runtime = 'nodejs'
export const maxDuration = 60

// One guard for the process, made when the route is loaded. `openai('…')` stands in the place of the offline model.
const guard = createGuard({ policy: shopPolicy })
const model = wrapLanguageModel({ model: offlineModel(shopAnswer), middleware: guardMiddleware(guard) })

export async function POST(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined)
  const messages = (body as { messages?: unknown } | undefined)?.messages
  const checked = await safeValidateUIMessages({ messages })
  if (!checked.success) return Response.json({ error: 'messages are not as expected' }, { status: 400 })
  const result = streamText({
    model,
    messages: await convertToModelMessages(checked.data),
    abortSignal: request.signal,
    providerOptions: { parapet: { tenant: 'shop' } },
    onError: () => undefined,
  })
  return result.toUIMessageStreamResponse()
}
