import { setTimeout as sleep } from 'node:timers/promises'
import { type PostgresPlace, postgresPlace } from './places.ts'
import type { Scenario } from './scenario.ts'
import { settleAccounts } from './settle-accounts.ts'
import { startStallingProxy } from './stalling-proxy.ts'
import { Worker } from './worker.ts'

const PROCESSES = 2
/** A stall lasts at most so long: more than a client waits for an answer. */
const LONGEST_STALL_MS = 2_000

/** Makes a scenario in which processes write and review over a network while something happens to it. */
function overNetwork(
  name: string,
  open: (place: PostgresPlace) => Promise<{
    readonly place: string
    /** Gives how many connections felt it. */
    readonly fault: (random: () => number) => Promise<number>
    readonly close: () => Promise<void>
  }>,
): Scenario {
  return {
    name,
    run: async ({ runs, random }) => {
      const direct = await postgresPlace()
      const network = await open(direct)
      // One process whose network is well: it must come through whatever the others hold.
      const workers = [
        ...Array.from({ length: PROCESSES }, () => new Worker('chaos-process.ts', ['both', network.place])),
        new Worker('chaos-process.ts', ['both', direct.place]),
      ]
      let harm = 0
      try {
        for (const worker of workers) await worker.does(1)
        for (let run = 0; run < runs; run++) {
          await sleep(random() * 50)
          harm += await network.fault(random)
          for (const worker of workers) await worker.does(1)
        }
      } finally {
        await Promise.all(workers.map((worker) => worker.kill().catch(() => {})))
        await network.close()
      }
      const result = await settleAccounts(
        direct.place,
        workers.flatMap((worker) => worker.lines),
      )
      await direct.remove()
      return { scenario: name, runs, ...result, harm }
    },
  }
}

/** PostgreSQL ends every connection (`pg_terminate_backend`). */
export const endedConnections = overNetwork('postgres/connections-ended', async ({ place, terminate }) => ({
  place,
  fault: terminate,
  close: async () => {},
}))

/** Nothing comes through for a while; then what was sent does, or the connections are gone. */
export const stalledNetwork = overNetwork('postgres/network-stalls', async ({ place }) => {
  const url = new URL(place)
  const proxy = await startStallingProxy({ host: url.hostname, port: Number(url.port || 5432) })
  url.hostname = '127.0.0.1'
  url.port = String(proxy.port)
  return {
    place: url.href,
    fault: async (random) => {
      const stalled = proxy.stall()
      await sleep(random() * LONGEST_STALL_MS)
      if (random() < 0.5) proxy.resume()
      else proxy.cut()
      return stalled
    },
    close: () => proxy.close(),
  }
})
