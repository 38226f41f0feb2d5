import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RepositoryFiles, tinyRepository } from '@parapet/runtime/testing'

export const REPO = 'tiny-labs/Tiny-Chat'
export const COMMIT = '1f'.repeat(20)

/** What a request was, and how it was answered. */
export interface Seen {
  readonly path: string
  readonly status: number
  readonly headers: IncomingMessage['headers']
}

/** How the next answers to a path differ from the usual one; `undefined` for the usual one. */
export interface Mischief {
  /** Another status, with headers. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The connection is cut after so many bytes of this answer. */
  readonly cutAfter?: number
  /** Ranges are not known: the whole file comes. */
  readonly ignoreRange?: boolean
  /** Other bytes than the file's. */
  readonly body?: Uint8Array
  /** Nothing more comes after the first byte. */
  readonly hang?: boolean
}

/** A server with the hub's addresses for one repository: its files lie with another host, as the hub's do. */
export interface FakeHub {
  readonly endpoint: string
  readonly files: RepositoryFiles
  readonly seen: Seen[]
  /** Ends of paths → what happens to the requests for it, one after another. */
  readonly mischief: Map<string, Mischief[]>
  /** What the branch `main` names. */
  commit: string
  /** Changes what the list says of a file. */
  listed: (entry: Record<string, unknown>) => Record<string, unknown>
  /** Whether so many bytes of the file that is cut off are with the client. */
  arrived: (bytes: number) => Promise<boolean>
  close(): Promise<void>
}

const hash = (name: string, ...parts: (string | Uint8Array)[]) => {
  const digest = createHash(name)
  for (const part of parts) digest.update(part)
  return digest.digest('hex')
}

export async function startFakeHub(files: RepositoryFiles = tinyRepository()): Promise<FakeHub> {
  const seen: Seen[] = []
  const mischief: FakeHub['mischief'] = new Map()
  const storage = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').slice(1))
    const content = files[path]
    if (content === undefined) return end(request, response, 404)
    send(request, response, content, path)
  })
  const hub = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://hub')
    const path = url.pathname
    const wrong = mischiefOf(path)
    if (wrong?.status !== undefined) return end(request, response, wrong.status, wrong.headers)
    if (
      path === `/api/models/${REPO}/revision/main` ||
      path === `/api/models/${REPO}/revision/${fake.commit}`
    )
      return json(request, response, { sha: fake.commit, cardData: { license: 'apache-2.0' } })
    if (path === `/api/models/${REPO}/tree/${fake.commit}`) {
      const entries = Object.entries(files).map(([name, content]) => fake.listed(entryOf(name, content)))
      const half = Math.ceil(entries.length / 2)
      if (url.searchParams.has('cursor')) return json(request, response, entries.slice(half))
      // A relative link is resolved as well; the hub sends a whole one.
      const next = `<${fake.endpoint}${path}?recursive=true&cursor=x>; rel="next"`
      return json(request, response, entries.slice(0, half), { link: next })
    }
    const resolve = `/${REPO}/resolve/${fake.commit}/`
    if (path.startsWith(resolve)) {
      const name = path.slice(resolve.length)
      return end(request, response, 302, { location: `${addressOf(storage)}/${encodeURIComponent(name)}` })
    }
    end(request, response, 404)
  })
  await Promise.all([listen(hub), listen(storage)])
  const fake: FakeHub = {
    endpoint: addressOf(hub),
    files,
    seen,
    mischief,
    commit: COMMIT,
    listed: (entry) => entry,
    arrived: async () => true,
    close: async () => {
      for (const server of [hub, storage]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
  return fake

  function mischiefOf(path: string): Mischief | undefined {
    for (const [ending, list] of mischief) if (path.endsWith(ending)) return list.shift()
    return undefined
  }

  function note(request: IncomingMessage, status: number): void {
    seen.push({ path: decodeURIComponent(request.url ?? ''), status, headers: request.headers })
  }

  function end(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    note(request, status)
    response.writeHead(status, headers).end()
  }

  function json(
    request: IncomingMessage,
    response: ServerResponse,
    value: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    note(request, 200)
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  }

  function send(request: IncomingMessage, response: ServerResponse, content: Uint8Array, path: string): void {
    const wrong = mischiefOf(`stored:${path}`)
    if (wrong?.status !== undefined) {
      end(request, response, wrong.status, wrong.headers)
      return
    }
    const body = wrong?.body ?? content
    const etag = `"${hash('sha256', content).slice(0, 32)}"`
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const same = (request.headers['if-range'] ?? etag) === etag
    const start = range && same && !wrong?.ignoreRange ? Number(range[1]) : 0
    const status = start > 0 ? 206 : 200
    note(request, status)
    const part = body.subarray(start)
    response.writeHead(status, {
      etag,
      'content-length': part.length,
      ...(status === 206 ? { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
      ...wrong?.headers,
    })
    if (wrong?.hang) response.write(part.subarray(0, 1))
    else if (wrong?.cutAfter === undefined) response.end(part)
    else {
      const cut = start + wrong.cutAfter
      const cutWhenRead = async () => {
        // A client drops what it has not read when its connection breaks.
        while (!response.destroyed && !(await fake.arrived(cut))) await sleep(20)
        response.destroy()
      }
      response.write(part.subarray(0, wrong.cutAfter), () => void cutWhenRead())
    }
  }
}

/** Small files are git's own, large ones lie in its storage for large files. */
function entryOf(path: string, content: Uint8Array): Record<string, unknown> {
  const size = content.length
  const isLarge = /onnx/.test(path)
  const pointer = `version 1\noid sha256:${hash('sha256', content)}\nsize ${size}\n`
  return isLarge
    ? {
        type: 'file',
        path,
        size,
        oid: hash('sha1', `blob ${pointer.length}\0`, pointer),
        lfs: { oid: hash('sha256', content), size, pointerSize: pointer.length },
      }
    : { type: 'file', path, size, oid: hash('sha1', `blob ${size}\0`, content) }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
