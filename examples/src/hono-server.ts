/** A Hono server with a guarded model of the AI SDK: it streams UI messages, as `useChat` reads them. */
import { serve } from '@hono/node-server'
import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import { streamText, wrapLanguageModel } from 'ai'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createGuard } from 'parapet'
import { offlineModel } from './offline/model.ts'
import { shopAnswer, shopPolicy } from './offline/shop.ts'

const guard = createGuard({ policy: shopPolicy })
await guard.warm()
// `openai('…')` stands in the place of the offline model.
const model = wrapLanguageModel({ model: offlineModel(shopAnswer), middleware: guardMiddleware(guard) })

const app = new Hono()
app.post('/chat', bodyLimit({ maxSize: 100_000 }), async (context) => {
  const { message } = await context.req.json().catch(() => ({}))
  if (typeof message !== 'string') return context.json({ error: 'message is no text' }, 400)
  const result = streamText({
    model,
    prompt: message,
    // A caller who goes away aborts the provider's call.
    abortSignal: context.req.raw.signal,
    providerOptions: { parapet: { tenant: 'shop', locale: 'en' } },
    onError: () => undefined,
  })
  return result.toUIMessageStreamResponse()
})

const server = serve(
  { fetch: app.fetch, port: Number(process.env['PORT'] ?? 0), hostname: '127.0.0.1' },
  ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
)

process.once('SIGTERM', () => {
  server.close()
  void guard.close()
})
