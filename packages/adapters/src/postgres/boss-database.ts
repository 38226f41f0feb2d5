import type { Db } from 'pg-boss'
import type { PostgresConnection, PostgresDriver } from './driver.ts'

/** What pg-boss reaches the database by: the queue's own driver, so that both share pools, time-outs and PGlite's one session. */
export function bossDatabase(driver: PostgresDriver): Db {
  return {
    executeSql: async (text, values) => {
      const connection = await driver.connect()
      try {
        const result = await statement(connection).executeSql(text, values)
        connection.release()
        return result
      } catch (error) {
        // A script of several statements may have failed within a transaction of its own.
        const broken = await connection.script('ROLLBACK').then(
          () => false,
          () => true,
        )
        connection.release(broken)
        throw error
      }
    },
  }
}

/** The same on a connection that somebody holds: what pg-boss does belongs to their transaction. */
export function statement(connection: PostgresConnection): Db {
  return {
    executeSql: async (text, values) => ({
      rows: [...(values?.length ? await connection.query(text, values) : await connection.script(text))],
    }),
  }
}
