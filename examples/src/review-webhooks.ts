/** What became of a review, told by a signed webhook: a receiver, and the worker that delivers. On PGlite, to this machine. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { postgresQueue, startReviewWorker } from '@parapet/adapters/postgres'
import {
  memoryReplayWindow,
  newWebhookSecret,
  type ReviewNotice,
  verifyWebhook,
  webhookTarget,
} from '@parapet/adapters/webhook'
import { isParapetError } from 'parapet'

const secret = newWebhookSecret()
const replays = memoryReplayWindow()
const received = Promise.withResolvers<ReviewNotice>()

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // A notice has some hundred bytes.
    if (bytes > 10_000) throw new Error('too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Does what a notice asks for; what fails is to be sent again. */
async function act(notice: ReviewNotice): Promise<number> {
  try {
    // Here your app goes on: guard.resume(notice.appeals ?? notice.itemId, { tenant: notice.tenant }).
    received.resolve(notice)
    await replays.done(notice.id)
    return 204
  } catch {
    await replays.forget(notice.id)
    return 500
  }
}

/** The status to answer a webhook with. */
async function receive(request: IncomingMessage): Promise<number> {
  try {
    const webhook = { headers: request.headers, body: await bodyOf(request) }
    const { notice, progress } = await verifyWebhook(webhook, { secrets: [secret], replays })
    if (progress === 'done') return 204
    // It came before, and that may still fail: it is to be sent again.
    if (progress === 'working') return 503
    return await act(notice)
  } catch (error) {
    return isParapetError(error) && error.code === 'PARAPET_WEBHOOK_FORGED' ? 401 : 400
  }
}

const receiver = createServer((request, response) => {
  void receive(request).then((status) => response.writeHead(status).end())
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`

const database = await PGlite.create()
const queue = postgresQueue(database)
const worker = await startReviewWorker(database, {
  targets: [webhookTarget({ id: 'app', url, secrets: [secret], allowLoopback: true })],
})
const now = Date.now()
const { id } = await queue.enqueue({
  key: 'request-1',
  kind: 'input',
  tenant: 'acme',
  decisionId: 'decision-1',
  bindingHash: 'sha256:binding',
  contentDigest: 'sha256:content',
  content: { messages: [{ role: 'user', parts: [{ type: 'text', text: 'May I?' }] }] },
  reasons: [],
  edits: [],
  deadlineAt: now + 60_000,
  otherwise: 'block',
  expiresAt: now + 3_600_000,
})
const claim = await queue.claim({ reviewer: 'ada', id })
await queue.decide({ id, token: claim?.token ?? '', outcome: 'approve' })

const notice = await received.promise
console.log(`received: ${notice.type}, outcome ${notice.outcome}, the right item: ${notice.itemId === id}`)
const forged = await fetch(url, {
  method: 'POST',
  headers: {
    'webhook-id': 'a',
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
    'webhook-signature': 'v1,a',
  },
  body: '{}',
})
console.log(`a forged one is answered with ${forged.status}`)

await worker.close()
await queue.close()
await database.close()
receiver.closeAllConnections()
receiver.close()
