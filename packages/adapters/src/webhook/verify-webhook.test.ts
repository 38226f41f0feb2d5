import { describe, expect, it } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import type { ReviewNotice } from '../notice/review-notice.ts'
import { memoryReplayWindow } from './replay-window.ts'
import { signWebhook } from './sign-webhook.ts'
import { type VerifyWebhookOptions, verifyWebhook } from './verify-webhook.ts'
import { toPayload } from './webhook-payload.ts'
import { newWebhookSecret } from './webhook-secret.ts'

const NOW = 1_800_000_000_000
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const NOTICE: ReviewNotice = {
  id: 'msg_1',
  type: 'review.approved',
  at: NOW - 5_000,
  itemId: 'item-1',
  tenant: 'acme',
  kind: 'output',
  appeals: 'item-0',
  sequence: 7,
  outcome: 'approve',
}

/** A valid webhook; each test changes what it is about. */
function webhook(changes: { secrets?: string[]; at?: number; body?: string } = {}) {
  const { secrets = [SECRET], at = NOW, body = toPayload(NOTICE) } = changes
  const content = { id: NOTICE.id, timestamp: Math.floor(at / 1_000), body }
  return { headers: { ...signWebhook(content, { secrets }) } as Record<string, string>, body }
}

const verify = (received: Parameters<typeof verifyWebhook>[0], options: Partial<VerifyWebhookOptions> = {}) =>
  verifyWebhook(received, { secrets: [SECRET], now: () => NOW, ...options })

describe('verifyWebhook', () => {
  it('gives the notice of a webhook that was signed under a secret', async () => {
    expect(await verify(webhook())).toEqual({ notice: NOTICE, progress: 'new' })
  })

  it('takes the headers of a Request and the bytes of a body', async () => {
    const { headers, body } = webhook()

    const { notice } = await verify({ headers: new Headers(headers), body: Buffer.from(body) })

    expect(notice).toEqual(NOTICE)
  })

  it('takes either secret while one replaces the other, on both sides', async () => {
    const next = newWebhookSecret()

    expect((await verify(webhook({ secrets: [next, SECRET] }))).notice.id).toBe('msg_1')
    expect((await verify(webhook(), { secrets: [next, SECRET] })).notice.id).toBe('msg_1')
    await expect(verify(webhook({ secrets: [next] }))).rejects.toMatchObject({
      code: 'PARAPET_WEBHOOK_FORGED',
    })
  })

  it('refuses what was changed on its way', async () => {
    const { headers, body } = webhook()
    const changed = [
      { headers, body: body.replace('approved', 'rejected') },
      { headers, body: `${body} ` },
      { headers: { ...headers, 'webhook-id': 'msg_2' }, body },
      { headers: { ...headers, 'webhook-timestamp': String(NOW / 1_000 + 1) }, body },
      { headers: { ...headers, 'webhook-signature': 'v1,' }, body },
      {
        headers: { ...headers, 'webhook-signature': headers['webhook-signature']?.replace('v1,', 'v2,') },
        body,
      },
    ]

    for (const received of changed) {
      await expect(verify(received)).rejects.toMatchObject({ code: 'PARAPET_WEBHOOK_FORGED' })
    }
  })

  it('refuses what is older or newer than the window', async () => {
    for (const at of [NOW - 302_000, NOW + 302_000]) {
      await expect(verify(webhook({ at }))).rejects.toMatchObject({ code: 'PARAPET_WEBHOOK_STALE' })
    }
    expect((await verify(webhook({ at: NOW - 299_000 }))).progress).toBe('new')
    await expect(verify(webhook({ at: NOW - 20_000 }), { toleranceSeconds: 10 })).rejects.toMatchObject({
      code: 'PARAPET_WEBHOOK_STALE',
    })
  })

  it('tells a webhook that came before from one that is new', async () => {
    const replays = memoryReplayWindow({ now: () => NOW })
    const received = webhook()

    expect((await verify(received, { replays })).progress).toBe('new')
    expect((await verify(received, { replays })).progress).toBe('working')
    await replays.forget(NOTICE.id)
    expect((await verify(received, { replays })).progress).toBe('new')
    await replays.done(NOTICE.id)
    expect((await verify(received, { replays })).progress).toBe('done')
  })

  it('refuses what is no webhook, without a word of what it says', async () => {
    const { headers, body } = webhook()
    const { 'webhook-id': _, ...nameless } = headers
    const received = [
      { headers: nameless, body },
      { headers: { ...headers, 'webhook-timestamp': '1e9' }, body },
      { headers: { ...headers, 'webhook-timestamp': '12x' }, body },
      { headers, body: Buffer.from([0xff, 0xfe]) },
      webhook({ body: 'CANARY' }),
      webhook({ body: '{"type":"CANARY"}' }),
    ]

    for (const one of received) {
      const error = await verify(one).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'PARAPET_WEBHOOK_MALFORMED' })
      expect(String(error)).not.toContain('CANARY')
    }
  })

  it('refuses secrets that are none, and a window that is none', async () => {
    for (const secrets of [[], ['whsec_short'], ['whsec_***'], Array<string>(6).fill(SECRET)]) {
      await expect(verify(webhook(), { secrets })).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_OPTIONS' })
    }
    await expect(verify(webhook(), { toleranceSeconds: 0 })).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_OPTIONS',
    })
  })

  it('signs and verifies as the reference library does', async () => {
    const reference = new Webhook(SECRET)
    const now = new Date()
    const body = toPayload(NOTICE)
    const ours = webhook({ at: now.getTime() })
    const theirs = {
      'webhook-id': NOTICE.id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': reference.sign(NOTICE.id, now, body),
    }

    expect(reference.verify(ours.body, ours.headers)).toEqual(JSON.parse(body))
    expect((await verify({ headers: theirs, body }, { now: Date.now })).notice).toEqual(NOTICE)
  })
})

describe('memoryReplayWindow', () => {
  it('forgets an id when its time is over', async () => {
    let now = NOW
    const window = memoryReplayWindow({ now: () => now })

    expect(window.begin('a', NOW + 10)).toBe('new')
    await window.done('a')
    expect(window.begin('a', NOW + 10)).toBe('done')
    now += 11

    expect(window.begin('b', now + 10)).toBe('new')
    expect(window.begin('a', now + 10)).toBe('new')
    expect(window.begin('b', now + 10)).toBe('working')
    await window.forget('b')
    expect(window.begin('b', now + 10)).toBe('new')
  })
})
