import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { ReviewNotice } from '../notice/review-notice.ts'
import { verifyWebhook } from './verify-webhook.ts'
import { newWebhookSecret } from './webhook-secret.ts'
import { type WebhookTargetOptions, webhookTarget } from './webhook-target.ts'

const SECRET = newWebhookSecret()
const NOTICE: ReviewNotice = {
  id: 'msg_1',
  type: 'review.expired',
  at: 1_800_000_000_000,
  itemId: 'item-1',
  tenant: 'acme',
  kind: 'input',
  sequence: 3,
  outcome: 'block',
}
const servers: Server[] = []

/** A receiver on this machine. */
async function receiver(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

const target = (url: string, options: Partial<WebhookTargetOptions> = {}) =>
  webhookTarget({ id: 'app', url, secrets: [SECRET], allowLoopback: true, timeoutMs: 2_000, ...options })

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

describe('webhookTarget', () => {
  it('delivers a signed notice of ids and outcome alone', async () => {
    const received: { headers: IncomingMessage['headers']; body: string }[] = []
    const url = await receiver((request, response) => {
      void bodyOf(request).then((body) => {
        received.push({ headers: request.headers, body })
        response.end()
      })
    })

    await target(url).deliver(NOTICE)

    const [one] = received
    if (!one) throw new Error('nothing was received')
    expect((await verifyWebhook(one, { secrets: [SECRET] })).notice).toEqual(NOTICE)
    expect(JSON.parse(one.body)).toEqual({
      type: 'review.expired',
      timestamp: '2027-01-15T08:00:00.000Z',
      data: { itemId: 'item-1', tenant: 'acme', kind: 'input', sequence: 3, outcome: 'block' },
    })
  })

  it('fails, and may be tried again, when the receiver fails, is slow, or is not there', async () => {
    const failing = await receiver((_request, response) => response.writeHead(500).end('a reason'))
    const silent = await receiver(() => {})
    const dead = await receiver(() => {})
    servers.pop()?.close()

    const faults = await Promise.all(
      [target(failing), target(silent, { timeoutMs: 150 }), target(dead)].map((one) =>
        one.deliver(NOTICE).catch((thrown: unknown) => thrown),
      ),
    )

    for (const fault of faults) {
      expect(fault).toMatchObject({ code: 'PARAPET_WEBHOOK_UNDELIVERED', retryable: true })
      expect(String(fault)).not.toContain('a reason')
    }
    expect(faults.map((fault) => /\((.*)\)/.exec(String(fault))?.[1])).toEqual([
      'status 500',
      'timeout',
      'ECONNREFUSED',
    ])
  })

  it('is received when the status says so, however long and slow the answer is', async () => {
    let sent = 0
    const url = await receiver((_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => {
        sent += 1
        response.write('x'.repeat(65_536))
      }, 1)
      response.on('close', () => clearInterval(timer))
    })

    await target(url).deliver(NOTICE)

    const before = sent
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(sent - before).toBeLessThan(50)
  })

  it('follows no redirect into the network, and does not try it again', async () => {
    let inside = 0
    const internal = await receiver((_request, response) => {
      inside += 1
      response.end()
    })
    const url = await receiver((_request, response) => response.writeHead(307, { location: internal }).end())

    await expect(target(url).deliver(NOTICE)).rejects.toMatchObject({
      code: 'PARAPET_WEBHOOK_REFUSED',
      retryable: false,
    })
    expect(inside).toBe(0)
  })

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://localhost/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1/',
    'https://100.64.0.1/',
  ])('sends nothing to %s', async (url) => {
    const closed = webhookTarget({ id: 'app', url, secrets: [SECRET] })

    await expect(closed.deliver(NOTICE)).rejects.toMatchObject({ code: 'PARAPET_WEBHOOK_REFUSED' })
  })

  it('lets loopback in and nothing else where that is allowed', async () => {
    await expect(target('http://10.0.0.1/').deliver(NOTICE)).rejects.toMatchObject({
      code: 'PARAPET_WEBHOOK_REFUSED',
    })
    await expect(target('http://8.8.8.8/').deliver(NOTICE)).rejects.toMatchObject({
      code: 'PARAPET_WEBHOOK_REFUSED',
    })
  })

  it.each([
    { url: 'http://hooks.example/' },
    { url: 'http://127.0.0.1/', allowLoopback: false },
    { url: 'ftp://hooks.example/' },
    { url: 'https://user:CANARY@hooks.example/' },
    { url: 'https://hooks.example/#part' },
    { url: 'no url' },
    { url: 'https://hooks.example/', secrets: ['CANARY'] },
    { url: 'https://hooks.example/', id: 'a b' },
    { url: 'https://hooks.example/', types: [] },
    { url: 'https://hooks.example/', timeoutMs: 1 },
    { url: 'https://hooks.example/', retries: 3 },
  ])('refuses options that are not usable: %j', (options) => {
    const make = () =>
      webhookTarget({
        id: 'app',
        secrets: [SECRET],
        ...(options as Partial<WebhookTargetOptions>),
        url: options.url,
      })

    expect(make).toThrow(expect.objectContaining({ code: 'PARAPET_ADAPTER_OPTIONS' }))
    expect(make).not.toThrow(/CANARY/)
  })
})
