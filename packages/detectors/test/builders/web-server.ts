import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A handler of the web's types behind a real HTTP server of Node. */
export interface WebServer {
  readonly url: string
  close(): Promise<void>
}

export async function webServer(handle: (request: Request) => Promise<Response>): Promise<WebServer> {
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const gone = new AbortController()
    outgoing.on('close', () => gone.abort())
    const { method = 'GET', url = '/', headers } = incoming
    const body = method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.concat(chunks) }
    const request = new Request(new URL(url, 'http://127.0.0.1'), {
      method,
      headers: headers as Record<string, string>,
      signal: gone.signal,
      ...body,
    })
    const response = await handle(request)
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  }
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
