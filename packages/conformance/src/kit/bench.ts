import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { conformanceError } from '../errors/codes.ts'
import { wireOf } from '../wires/index.ts'
import { createJudge, type Judge } from './judge.ts'
import { JUDGE_ROUTES } from './judge-routes.ts'
import { createUpstream, type Upstream } from './upstream.ts'

/** The scripted provider and the logged check, on one address. */
export interface Bench {
  readonly upstreamUrl: string
  readonly upstream: Upstream
  readonly judge: Judge
  close(): Promise<void>
}

/** Requests of a guard under test are small; what is larger is no request of the kit. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reply(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}

/**
 * Opens the provider and the check. Nothing of either is a secret: it is for tests, on this machine.
 * @param options.port the port to listen on; 0 takes a free one. @default 0
 * @param options.host @default '127.0.0.1'
 * @throws PARAPET_CONFORMANCE_LISTEN where the address is taken
 */
export async function openBench(
  options: { readonly port?: number; readonly host?: string } = {},
): Promise<Bench> {
  const { port = 0, host = '127.0.0.1' } = options
  const upstream = createUpstream()
  let judge: Judge

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request)
    if (body === undefined) return reply(response, 413, { error: { message: 'too large' } })
    const path = (request.url ?? '').split('?')[0] ?? ''
    const wire = wireOf(path)
    if (wire) return upstream.answer(body, wire, response)
    const route = path.startsWith('/judge/') ? JUDGE_ROUTES[path.slice('/judge'.length)] : undefined
    if (!route) return reply(response, 404, { error: { message: 'the kit has no such path' } })
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      reply(response, 200, await route(judge, JSON.parse(body), gone.signal))
    } catch {
      reply(response, 500, { error: { message: 'the check crashed' } })
    }
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(conformanceError('PARAPET_CONFORMANCE_LISTEN', { host, port }, { cause })),
    )
    server.listen(port, host, resolve)
  })
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`
  judge = createJudge(`${url}/judge`)
  return {
    upstreamUrl: `${url}/v1`,
    upstream,
    judge,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
