import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { openQueue } from '../../bench/chaos/open-queue.ts'
import { dropLeftovers, hasPostgres, postgresPlace } from '../../bench/chaos/places.ts'

const onServer = (await hasPostgres()) ? describe : describe.skip

onServer('postgresPlace', () => {
  it('says how many connections it ended', async () => {
    const { place, terminate, remove } = await postgresPlace()
    try {
      expect(await terminate()).toBe(0)
      const queue = openQueue(place)
      await queue.count()
      expect(await terminate()).toBeGreaterThan(0)
      await queue.close()
    } finally {
      await remove()
    }
  }, 60_000)
})

onServer('dropLeftovers', () => {
  it('drops what a killed run left, and nothing of one that lives', async () => {
    const { place, remove } = await postgresPlace()
    const leftover = `parapet_chaos_${randomBytes(6).toString('hex')}`
    const server = new pg.Client({
      connectionString: Object.assign(new URL(place), { pathname: '/postgres' }).href,
    })
    await server.connect()
    try {
      await server.query(`CREATE DATABASE ${leftover}`)
      await dropLeftovers()
      const { rows } = await server.query(
        "SELECT datname FROM pg_database WHERE datname LIKE 'parapet\\_chaos\\_%'",
      )
      const names = rows.map(({ datname }) => datname)
      expect(names).not.toContain(leftover)
      expect(names).toContain(new URL(place).pathname.slice(1))
    } finally {
      await server.end()
      await remove()
    }
  }, 60_000)
})
