import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Guard } from '@parapet/sdk'
import { isLoopback } from './caller.ts'
import { serverError } from './codes.ts'
import { loadNodeServer } from './load-node-server.ts'
import type { ServerOptions } from './options.ts'
import { createServerApp } from './server-app.ts'

/** Where a guard is served. */
export interface ServeOptions extends Omit<ServerOptions, 'allowKeyless'> {
  /** The address that is listened on. Any that is not this machine's own needs keys. @default '127.0.0.1' */
  readonly host?: string
  /** In [0, 65_535]; 0 takes a free one. @default 8471 */
  readonly port?: number
  /** How long what runs may go on when the server closes, in milliseconds, in [0, 600_000]. @default 30_000 */
  readonly closeTimeoutMs?: number
}

export const DEFAULT_SERVE_OPTIONS = { host: '127.0.0.1', port: 8_471, closeTimeoutMs: 30_000 } as const

/** A server that listens. */
export interface RunningServer {
  readonly url: string
  readonly port: number
  /** How many requests run. */
  active(): number
  /**
   * Refuses what is new, lets what runs finish, at most `closeTimeoutMs`, and ends every connection. True when nothing was
   * cut off. Idempotent. The guard and its queue are left open.
   */
  close(): Promise<boolean>
}

/** Headers arrive within this; bodies have their own time, and so have answers. */
const HEADERS_TIMEOUT_MS = 10_000
const MAX_HEADER_BYTES = 16 * 1024
/** How long a connection may take to carry its last bytes away when the server ends. */
const LAST_BYTES_MS = 1_000
/** An idle connection is kept a little longer than load balancers keep theirs (60 s), so that the balancer ends it. */
const KEEP_ALIVE_MS = 65_000

function checkPlace({
  host,
  port,
  closeTimeoutMs,
}: Required<Pick<ServeOptions, 'host' | 'port' | 'closeTimeoutMs'>>): void {
  const whole = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most
  const problems = [
    ...(typeof host === 'string' && host !== '' ? [] : ['host: expected an address']),
    ...(whole(port, 65_535) ? [] : ['port: expected a whole number from 0 to 65535']),
    ...(whole(closeTimeoutMs, 600_000) ? [] : ['closeTimeoutMs: expected a whole number from 0 to 600000']),
  ]
  if (problems.length > 0) throw serverError('PARAPET_SERVER_OPTIONS', { problems })
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        serverError(
          'PARAPET_SERVER_LISTEN_FAILED',
          { host, port, fault: cause.code ?? 'unknown' },
          { cause },
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
}

/**
 * Serves a guard over HTTP; resolves when it listens. TLS is a balancer's part.
 * @throws PARAPET_SERVER_OPEN for an address others can reach, without keys; PARAPET_SERVER_OPTIONS,
 *   PARAPET_SERVER_LISTEN_FAILED, PARAPET_ADAPTER_PEER_MISSING
 */
export async function serve(guard: Guard, given: ServeOptions = {}): Promise<RunningServer> {
  const { host, port, closeTimeoutMs, ...options } = { ...DEFAULT_SERVE_OPTIONS, ...given }
  checkPlace({ host, port, closeTimeoutMs })
  if (!isLoopback(host) && (options.keys ?? []).length === 0)
    throw serverError('PARAPET_SERVER_OPEN', { host })
  const { createAdaptorServer } = await loadNodeServer()
  // It has keys, or listens where this machine alone can reach it.
  const app = await createServerApp(guard, { ...options, allowKeyless: true })
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectionsCheckingInterval: 1_000,
    },
  }) as Server
  await listening(server, host, port)
  const taken = (server.address() as AddressInfo).port

  async function end(): Promise<boolean> {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    const finished = await app.stop({ withinMs: closeTimeoutMs })
    // Answers are written a moment after they are made; who then still holds a connection open only sends slowly.
    const sweep = setInterval(() => server.closeIdleConnections(), 20)
    const last = setTimeout(() => server.closeAllConnections(), LAST_BYTES_MS)
    await closed
    clearInterval(sweep)
    clearTimeout(last)
    return finished
  }

  let ended: Promise<boolean> | undefined
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    port: taken,
    active: app.active,
    close: () => {
      ended ??= end()
      return ended
    },
  }
}
