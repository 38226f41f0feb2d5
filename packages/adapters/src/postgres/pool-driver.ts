import type { PostgresConnection, PostgresDriver, Row } from './driver.ts'
import type { PoolClientLike, PoolLike } from './pool-like.ts'
import { stalled } from './postgres-fault.ts'

/** How many connections of each pool only listen. */
const LISTENING = new WeakMap<PoolLike, number>()

/** A driver over `pg`. `end` closes the pool, where it is the driver's own. */
export function poolDriver(
  pool: PoolLike,
  options: { readonly timeoutMs: number; readonly end?: () => Promise<void> },
): PostgresDriver {
  const { timeoutMs } = options
  return {
    connect: async () => toConnection(await connect(pool, timeoutMs), timeoutMs),
    listen: async (channel, heard, lost) => {
      const others = LISTENING.get(pool) ?? 0
      // The last connection is for calls: who waits is told by polling.
      if (others + 1 >= (pool.options?.max ?? Number.POSITIVE_INFINITY))
        throw new Error('no connection to spare')
      LISTENING.set(pool, others + 1)
      const leave = () => LISTENING.set(pool, (LISTENING.get(pool) ?? 1) - 1)
      const client = await connect(pool, timeoutMs).catch((error: unknown) => {
        leave()
        throw error
      })
      let ended = false
      // Thrown away, not given back to others: it hears, and keeps the listeners that keep its failures harmless.
      const end = () => {
        if (ended) return
        ended = true
        leave()
        client.release(true)
      }
      const lose = () => {
        if (!ended) lost()
        end()
      }
      client.on('error', lose)
      client.on('end', lose)
      client.on('notification', ({ payload }) => heard(payload ?? ''))
      try {
        await inTime(client.query(`LISTEN ${channel}`), timeoutMs, end)
      } catch (error) {
        end()
        throw error
      }
      return async () => end()
    },
    close: async () => options.end?.(),
  }
}

async function connect(pool: PoolLike, timeoutMs: number): Promise<PoolClientLike> {
  const connecting = pool.connect()
  return inTime(connecting, timeoutMs, () => {
    // Who comes too late is sent away.
    connecting.then((client) => client.release(true)).catch(() => {})
  })
}

function toConnection(client: PoolClientLike, timeoutMs: number): PostgresConnection {
  let released = false
  const release = (broken = false) => {
    if (released) return
    released = true
    client.release(broken)
    // One that is thrown away may fail once more on its way out.
    if (!broken) client.removeListener('error', ignore)
  }
  client.on('error', ignore)
  const run = async (text: string, values?: readonly unknown[]) =>
    rowsOf(await inTime(client.query(text, values && [...values]), timeoutMs, () => release(true)))
  return { query: run, script: (text) => run(text), release }
}

/** The failure of a connection shows at the call that is under way, or at the next. */
function ignore(): void {}

/** Several statements give several results. */
function rowsOf(result: unknown): readonly Row[] {
  const results = Array.isArray(result) ? result : [result]
  return results.flatMap((one: { readonly rows?: readonly Row[] }) => one.rows ?? [])
}

/** What the network swallowed must not be waited for: the server's own time-outs do not reach a client it has lost. */
async function inTime<Value>(work: Promise<Value>, timeoutMs: number, giveUp: () => void): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(stalled(timeoutMs))
    giveUp()
  }, timeoutMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
