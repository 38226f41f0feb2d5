import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { downloadModel } from '@parapet/runtime'
import { tinyRepository } from '@parapet/runtime/testing'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { COMMIT } from './fake-hub.ts'

/** For busy machines; nothing is asserted of time. */
jest.setTimeout(240_000)

const HUB = 'https://huggingface.co'
const STORAGE = 'https://cas-bridge.xethub.example'
const REPO = 'tiny-labs/Tiny-Chat'
const TOKEN = 'hf_canary51c9'
const files = tinyRepository()

interface Seen {
  readonly address: string
  readonly authorization: string | null
}

const seen: Seen[] = []
const server = setupServer()
let cacheFolder: string
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'parapet-hub-'))
  seen.length = 0
  server.events.on('request:start', ({ request }) => {
    seen.push({ address: request.url, authorization: request.headers.get('authorization') })
  })
})
afterEach(async () => {
  server.events.removeAllListeners()
  server.resetHandlers()
  await rm(cacheFolder, { recursive: true })
})
afterAll(() => server.close())

/** A hub over https whose files lie where `locate` says. */
function serve(locate: (path: string) => Response, list: () => Response = listed): void {
  server.use(
    http.get(`${HUB}/api/models/${REPO}/revision/main`, () => HttpResponse.json({ sha: COMMIT })),
    http.get(`${HUB}/api/models/${REPO}/tree/${COMMIT}`, list),
    http.get(`${HUB}/${REPO}/resolve/${COMMIT}/*`, ({ request }) => {
      return locate(new URL(request.url).pathname.split(`${COMMIT}/`)[1] ?? '')
    }),
    http.get(`${STORAGE}/*`, ({ request }) => {
      const content = files[new URL(request.url).pathname.slice(1)]
      return content ? new HttpResponse(content.slice()) : new HttpResponse(null, { status: 404 })
    }),
  )
}

function listed(): Response {
  const entry = (path: string, size: number) => ({ type: 'file', path, size, oid: '0'.repeat(40) })
  return HttpResponse.json(Object.entries(files).map(([path, { length }]) => entry(path, length)))
}
const to = (location: string) => new HttpResponse(null, { status: 302, headers: { location } })
const download = () =>
  downloadModel({ repo: REPO, cacheFolder, token: TOKEN, attempts: 1, endpoint: HUB, idleTimeoutMs: 120_000 })

describe('a token', () => {
  test('goes to the hub, and to no host that the hub sends on to', async () => {
    serve((path) => to(`${STORAGE}/${path}?signature=x`))

    // The list above has no true digests: what matters is who was asked, and how.
    await expect(download()).rejects.toMatchObject({ code: 'PARAPET_HUB_DIGEST_MISMATCH' })

    const hosts = (of: (one: Seen) => boolean) =>
      new Set(seen.filter(of).map(({ address }) => new URL(address).host))
    expect(hosts(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toEqual(
      new Set(['huggingface.co']),
    )
    expect(hosts(({ authorization }) => authorization === null)).toEqual(new Set([new URL(STORAGE).host]))
  })

  test('does not follow a list whose next page lies elsewhere', async () => {
    const link = `<https://elsewhere.example/api/models/${REPO}/tree/${COMMIT}?cursor=x>; rel="next"`
    serve(
      () => to(STORAGE),
      () => HttpResponse.json([], { headers: { link } }),
    )

    await expect(download()).rejects.toMatchObject({ code: 'PARAPET_HUB_ANSWER_MALFORMED' })
    expect(new Set(seen.map(({ address }) => new URL(address).host))).toEqual(new Set(['huggingface.co']))
  })

  test('is in no error', async () => {
    serve(() => new HttpResponse(null, { status: 401 }))
    const error = (await download().catch((thrown: unknown) => thrown)) as Error

    expect(error).toMatchObject({ code: 'PARAPET_HUB_UNAUTHORIZED' })
    expect(`${error.message}${error.stack}${String(error.cause)}`).not.toContain(TOKEN)
  })
})

describe('a redirect', () => {
  test.each([
    ['without https', 'http://cdn.example/x'],
    ['to this machine', 'https://localhost/x'],
    ['to an address of this machine', 'https://127.0.0.1/x'],
    ['to such an address in other words', 'https://2130706433/x'],
    ['to the cloud’s own service', 'http://169.254.169.254/latest/meta-data'],
    ['to an address of version 6', 'https://[fd00::1]/x'],
    ['to a name inside a network', 'https://vault.internal/x'],
    ['to a name without a dot', 'https://vault/x'],
    ['with a user', 'https://user:word@cdn.example/x'],
    ['to a file', 'file:///etc/passwd'],
    ['to nowhere', ''],
  ])('%s is not followed', async (_, location) => {
    serve(() => to(location))

    await expect(download()).rejects.toMatchObject({
      code: expect.stringMatching(/^PARAPET_HUB_REDIRECT_REFUSED$/),
    })
    expect(new Set(seen.map(({ address }) => new URL(address).host))).toEqual(new Set(['huggingface.co']))
  })

  test('without end is left', async () => {
    serve((path) => to(`${HUB}/${REPO}/resolve/${COMMIT}/${path}`))

    await expect(download()).rejects.toMatchObject({ code: 'PARAPET_HUB_REDIRECT_REFUSED' })
    expect(seen.length).toBeLessThan(12)
  })
})

describe('an answer that is none', () => {
  test.each([
    ['no JSON', () => new HttpResponse('<html>log in</html>')],
    ['another form', () => HttpResponse.json({ files: [] })],
    ['more than a list has', () => new HttpResponse(new Uint8Array(17 * 1024 * 1024))],
  ])('%s', async (_, list) => {
    serve(() => to(STORAGE), list)

    await expect(download()).rejects.toMatchObject({ code: 'PARAPET_HUB_ANSWER_MALFORMED' })
  })
})
