import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type ReviewQueue, sqliteQueue } from 'parapet'
import { followHeld } from '../next-held-chat/lib/follow-held.ts'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'parapet-next-'))
process.env['PARAPET_QUEUE'] = join(folder, 'review.db')

let origin: string
let reviewers: ReviewQueue
let close: () => Promise<unknown>

beforeAll(async () => {
  // As Next does: each route is a module, and the routes find each other's items in the queue.
  const chat = await import('../next-held-chat/app/api/chat/route.ts')
  const held = await import('../next-held-chat/app/api/held/route.ts')
  const appeal = await import('../next-held-chat/app/api/appeal/route.ts')
  const handlers: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
    'POST /api/chat': chat.POST,
    'GET /api/held': held.GET,
    'POST /api/appeal': appeal.POST,
  }
  const listener = getRequestListener(async (request) => {
    const handler = handlers[`${request.method} ${new URL(request.url).pathname}`]
    return handler ? handler(request) : new Response(null, { status: 404 })
  })
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  reviewers = sqliteQueue(process.env['PARAPET_QUEUE'] ?? '')
  close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})
afterAll(async () => {
  await close()
  await reviewers.close()
  rmSync(folder, { recursive: true })
})

/** A browser: it keeps the cookie that it was given. */
function browser() {
  let cookie = ''
  const request: typeof fetch = async (path, options) => {
    const response = await fetch(`${origin}${String(path)}`, { ...options, headers: { cookie } })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return response
  }
  const post = (path: string, body: unknown) =>
    request(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  return {
    post,
    ask: async (prompt: string, requestId: string = crypto.randomUUID()) =>
      (await (await post('/api/chat', { prompt, requestId })).json()) as Record<string, string>,
    follow: (ticket: string) =>
      followHeld(ticket, { signal: AbortSignal.timeout(25_000), request, firstPauseMs: 1 }),
    get: request,
  }
}

async function decide(decision: { outcome: 'approve' | 'reject' } | { outcome: 'edit'; answer: string }) {
  const claim = await reviewers.claim({ reviewer: `reviewer-${crypto.randomUUID()}`, team: 'pharmacists' })
  if (!claim) throw new Error('nothing is open')
  await reviewers.decide({ id: claim.item.id, token: claim.token, ...decision })
}

const logOf = async (itemId: string) => (await reviewers.events({ itemId })).map(({ kind }) => kind)

describe('the Next.js chat', () => {
  it('answers at once what nobody has to look at', async () => {
    expect(await browser().ask('When are you open?')).toEqual({
      state: 'answer',
      text: 'We are open from nine to five.',
    })
  })

  it('shows a held answer to the page that waits for it, when it is released', async () => {
    const page = browser()
    const asked = await page.ask('How many may I take?')
    expect(asked).toMatchObject({ state: 'held', message: 'A pharmacist looks at this answer first.' })

    const following = page.follow(asked['ticket'] ?? '')
    await decide({ outcome: 'approve' })

    expect(await following).toEqual({ state: 'answer', text: 'Take 3 tablets a day.' })
  })

  it('opens one review for a page that asks again because it heard nothing', async () => {
    const page = browser()
    const asked = await page.ask('How many may I take?', 'the same')
    const again = await page.ask('How many may I take?', 'the same')

    expect(again['ticket']).toBe(asked['ticket'])
    expect((await reviewers.count()).open).toBe(1)
    await decide({ outcome: 'reject' })
  })

  it('lets the one whose answer it was appeal, once', async () => {
    const page = browser()
    const { ticket = '' } = await page.ask('How many may I take?')
    await decide({ outcome: 'reject' })
    // Another tab of the same page looks, too, and takes nothing from the first.
    const denied = [await page.follow(ticket), await page.follow(ticket)]

    const appeal = { ticket, statement: 'My doctor said three.' }
    const statuses = [await page.post('/api/appeal', appeal), await page.post('/api/appeal', appeal)]
    const another = await browser().post('/api/appeal', appeal)
    const { open } = await reviewers.count()
    const following = page.follow(ticket)
    await decide({ outcome: 'edit', answer: 'As your doctor said: 3 tablets a day.' })

    expect(denied).toMatchObject(Array(2).fill({ state: 'denied', mayAppeal: true }))
    expect(statuses.map(({ status }) => status)).toEqual([200, 200])
    expect(another.status).toBe(404)
    expect(open).toBe(1)
    expect(await following).toEqual({ state: 'answer', text: 'As your doctor said: 3 tablets a day.' })
    expect(await logOf(ticket)).toEqual(['enqueued', 'claimed', 'decided', 'appeal-offered', 'appealed'])
  })

  it('offers no appeal against an appeal, and takes none', async () => {
    const page = browser()
    const { ticket = '' } = await page.ask('How many may I take?')
    await decide({ outcome: 'reject' })
    const appeal = { ticket, statement: 'Please.' }
    await page.post('/api/appeal', appeal)
    await decide({ outcome: 'reject' })

    expect(await page.follow(ticket)).toMatchObject({ state: 'denied', mayAppeal: false })
    expect((await page.post('/api/appeal', appeal)).status).toBe(409)
  })

  it('shows nobody the answer of another', async () => {
    const { ticket = '' } = await browser().ask('How many may I take?')

    expect(await browser().follow(ticket)).toEqual({ state: 'gone' })
    await decide({ outcome: 'reject' })
  })

  it.each([
    ['no JSON', 'no JSON'],
    ['no object', 'null'],
    ['another shape', { prompt: 1 }],
    ['more than a question', { prompt: 'x'.repeat(100_000), requestId: '1' }],
    ['an id that is no name', { prompt: 'x', requestId: '\u0000' }],
  ])('answers %s with 400', async (_, body) => {
    expect((await browser().post('/api/chat', body)).status).toBe(400)
  })

  it('takes a ticket that is none for one', async () => {
    expect((await browser().get('/api/held')).status).toBe(404)
    expect(await browser().follow('forged')).toEqual({ state: 'gone' })
  })
})

describe('followHeld', () => {
  const signal = AbortSignal.timeout(25_000)

  it('goes on through faults that pass', async () => {
    const answers = [
      () => Promise.reject(new Error('no network')),
      async () => new Response(null, { status: 502 }),
      async () => new Response('<html>', { status: 200 }),
      async () => Response.json({ state: 'held' }),
      async () => Response.json({ state: 'answer', text: 'yes' }),
    ]

    const end = await followHeld('a', {
      signal,
      firstPauseMs: 1,
      request: () => answers.shift()?.() ?? Promise.reject(new Error('asked once more')),
    })

    expect(end).toEqual({ state: 'answer', text: 'yes' })
    expect(answers).toEqual([])
  })

  it('ends when the page is left, also in a pause', async () => {
    const leaving = new AbortController()
    const following = followHeld('a', {
      signal: leaving.signal,
      firstPauseMs: 60_000,
      request: async () => new Response(null, { status: 503 }),
    })
    setImmediate(() => leaving.abort())

    await expect(following).rejects.toThrow('aborted')
  })
})

describe('the page', () => {
  it('is sound TypeScript where its folder stands alone', () => {
    const app = join(folder, 'app')
    cpSync(join(ROOT, 'examples/next-held-chat'), app, { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'))
    const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', app], {
      encoding: 'utf8',
    })

    expect(stdout).toBe('')
    expect(status).toBe(0)
  }, 60_000)
})
