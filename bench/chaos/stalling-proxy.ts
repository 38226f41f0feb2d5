import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A way to a server over which a network's faults can be played. */
export interface StallingProxy {
  readonly port: number
  /** Lets nothing through in either direction; what is sent meanwhile is kept. New connections hang too. Gives how many hang. */
  stall(): number
  /** Lets what was kept, and all that follows, through. */
  resume(): void
  /** Cuts every connection without a word to either side's program, and resumes for those that come. */
  cut(): void
  close(): Promise<void>
}

/** Starts a proxy before a server on this machine. */
export async function startStallingProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<StallingProxy> {
  const sockets = new Set<Socket>()
  let stalled = false
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const upstream = connect(target)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => to.write(chunk))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      if (stalled) from.pause()
      else from.resume()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const each = (act: (socket: Socket) => void) => {
    for (const socket of sockets) act(socket)
  }
  const resume = () => {
    stalled = false
    each((socket) => socket.resume())
  }
  return {
    port: (server.address() as AddressInfo).port,
    stall: () => {
      stalled = true
      each((socket) => socket.pause())
      // Each connection has two.
      return sockets.size / 2
    },
    resume,
    cut: () => {
      each((socket) => socket.destroy())
      resume()
    },
    close: () => closed(server, () => each((socket) => socket.destroy())),
  }
}

function closed(server: Server, cut: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    cut()
  })
}
