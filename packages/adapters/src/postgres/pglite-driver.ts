import type { PostgresConnection, PostgresDriver, Row } from './driver.ts'

/** What is needed of PGlite, PostgreSQL within the process. */
export interface PGliteLike {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>
  exec(text: string): Promise<readonly { readonly rows: unknown[] }[]>
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>
}

/** Whose turn it is on each PGlite: it has one connection, and a transaction must have that to itself. */
const TURNS = new WeakMap<PGliteLike, Promise<void>>()

/** A driver over PGlite, which stays the caller's to close. */
export function pgliteDriver(pglite: PGliteLike): PostgresDriver {
  return {
    connect: async () => {
      const before = TURNS.get(pglite)
      const turn = Promise.withResolvers<void>()
      TURNS.set(pglite, turn.promise)
      await before
      return toConnection(pglite, turn.resolve)
    },
    listen: async (channel, heard) => pglite.listen(channel, heard),
    close: async () => {},
  }
}

function toConnection(pglite: PGliteLike, release: () => void): PostgresConnection {
  return {
    query: async (text, values) => (await pglite.query(text, [...values])).rows as Row[],
    script: async (text) => (await pglite.exec(text)).flatMap(({ rows }) => rows as Row[]),
    release,
  }
}
