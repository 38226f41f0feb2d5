import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { startParapet } from './run-parapet.ts'

/** A server in a process of its own. */
export type Served = Awaited<ReturnType<typeof startServer>>

const running = new Set<ReturnType<typeof startParapet>>()
/** Ends every server that a test started. */
export function killServers(): void {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
}

/** Starts a server as a process of its own, on a free port. */
export async function startServer(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const child = startParapet(['serve', '--port', '0', '--json', ...args], { environment })
  running.add(child)
  const stderr: Buffer[] = []
  child.stderr.on('data', (piece: Buffer) => stderr.push(piece))
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'close').then(() => [`{"url":"","failed":true}`]),
  ])) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    child,
    url,
    stderr: () => Buffer.concat(stderr).toString(),
    stop: async (signal: NodeJS.Signals) => {
      child.kill(signal)
      const [status] = (await once(child, 'close')) as [number | null]
      running.delete(child)
      return status
    },
  }
}

/** Posts JSON with a key. */
export async function postTo(url: string, path: string, body: unknown, key: string) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
