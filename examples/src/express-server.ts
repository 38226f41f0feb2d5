/** An Express server with a guarded chat: text as it is released, then how the answer ended. */
import type { AddressInfo } from 'node:net'
import { guardFunction } from '@parapet/adapters/function'
import express from 'express'
import { createGuard } from 'parapet'
import { shopAnswer, shopPolicy } from './offline/shop.ts'

const guard = createGuard({ policy: shopPolicy })
await guard.warm()

/** Your provider stands here. */
const chat = guardFunction(guard, async function* (messages) {
  const last = messages.at(-1)?.content
  for (const piece of shopAnswer(typeof last === 'string' ? last : '').match(/.{1,12}/gs) ?? []) yield piece
})

const app = express()
app.use(express.json({ limit: '100kb' }))

app.post('/chat', async (request, response) => {
  const message: unknown = request.body?.message
  if (typeof message !== 'string') return void response.status(400).json({ error: 'message is no text' })
  // A caller who goes away aborts the provider's call.
  const left = new AbortController()
  response.on('close', () => left.abort())
  response.type('text/event-stream')
  try {
    const context = { tenant: 'shop', locale: 'en' }
    for await (const event of chat.stream([{ role: 'user', content: message }], {
      context,
      signal: left.signal,
    })) {
      // The ticket of a hold is for the server alone.
      const { ticket: _, ...visible } = { ticket: '', ...event }
      response.write(`data: ${JSON.stringify(visible)}\n\n`)
    }
  } catch {
    if (!left.signal.aborted) response.write('data: {"kind":"failed"}\n\n')
  }
  response.end()
})

const server = app.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
  void guard.close()
})
