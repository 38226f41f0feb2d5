import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { StoreQueue } from '@parapet/sdk'
import { newReviewItem } from '@parapet/sdk/testing'
import type { PostgresConnection, PostgresDriver } from '../../src/postgres/driver.ts'
import { driverOf } from '../../src/postgres/driver-of.ts'
import { type PostgresDatabase, postgresQueue } from '../../src/postgres/index.ts'
import { migrate } from '../../src/postgres/migrate.ts'
import { MIGRATIONS } from '../../src/postgres/migrations.ts'
import { DEFAULT_POSTGRES_QUEUE_OPTIONS } from '../../src/postgres/options.ts'
import { PostgresStore } from '../../src/postgres/postgres-store.ts'
import { openPGlite, openPostgresQueue, type TestDatabase } from './postgres-databases.ts'

const item = (changes: Parameters<typeof newReviewItem>[0] = {}) =>
  newReviewItem({ deadlineAt: Date.now() + 600_000, expiresAt: Date.now() + 3_600_000, ...changes })
const lost = () => Object.assign(new Error('gone'), { code: 'ECONNRESET' })

let database: TestDatabase
beforeAll(async () => {
  database = await openPGlite()
}, 60_000)
afterAll(() => database.close())

/** A queue whose commits go wrong in a chosen way, one after the other, until the ways are used up. */
function queueWithCommits(schema: string, ways: ('made, answer lost' | 'never made')[]) {
  const driver = driverOf(database.database, { timeoutMs: 5_000 })
  const failing: PostgresDriver = { ...driver, connect: async () => toFailing(await driver.connect(), ways) }
  const options = { ...DEFAULT_POSTGRES_QUEUE_OPTIONS, schema, where: 'here' }
  return new StoreQueue(new PostgresStore(failing, options))
}

function toFailing(
  connection: PostgresConnection,
  ways: ('made, answer lost' | 'never made')[],
): PostgresConnection {
  return {
    query: (text, values) => connection.query(text, values),
    script: async (text) => {
      const way = text.includes('review_write') ? ways.shift() : undefined
      if (way === 'never made') {
        await connection.script('ROLLBACK')
        throw lost()
      }
      const rows = await connection.script(text)
      if (way === 'made, answer lost') throw lost()
      return rows
    },
    release: () => connection.release(),
  }
}

describe('a commit whose answer is lost', () => {
  it('is acknowledged when the server made it, and made once', async () => {
    const queue = queueWithCommits('answer_lost', ['made, answer lost', 'made, answer lost'])

    const { id } = await queue.enqueue(item())
    const claim = await queue.claim({ reviewer: 'ada' })

    expect(claim?.item.id).toBe(id)
    expect((await queue.events()).map(({ kind }) => kind)).toEqual(['enqueued', 'claimed'])
  })

  it('is made again when the server did not', async () => {
    const queue = queueWithCommits('never_made', ['never made', 'never made'])

    const { id } = await queue.enqueue(item())

    expect((await queue.get(id))?.state).toBe('open')
    expect(await queue.count()).toMatchObject({ open: 1 })
  })

  it('uses a grant once, whatever was lost', async () => {
    const { queue, dispose, schema } = await openPostgresQueue(database)
    const { id, contentDigest, bindingHash } = await queue.enqueue(item())
    const claim = await queue.claim({ reviewer: 'ada', id })
    await queue.decide({ id, token: claim?.token ?? '', outcome: 'approve' })
    const unlucky = queueWithCommits(schema, ['made, answer lost'])

    expect(await unlucky.useGrant({ ticket: id, contentDigest, bindingHash })).toBe(true)
    expect(await unlucky.useGrant({ ticket: id, contentDigest, bindingHash })).toBe(false)
    await dispose()
  })
})

describe('a clock that is off', () => {
  const DAY = 86_400_000

  it.each([31 * DAY, -DAY])('by %d ms changes nothing, neither by reading nor by writing', async (off) => {
    const { queue, dispose, schema } = await openPostgresQueue(database)
    const { id } = await queue.enqueue(item())
    const now = () => Date.now() + off
    const wrong = postgresQueue(database.database, { schema, now })
    const clock = { code: 'PARAPET_QUEUE_CLOCK', message: expect.stringContaining(`${off / 1_000} s`) }

    await expect(wrong.count()).rejects.toMatchObject(clock)
    await expect(wrong.claim({ reviewer: 'ada' })).rejects.toMatchObject(clock)
    await expect(wrong.enqueue(item())).rejects.toMatchObject(clock)

    expect(await queue.get(id)).toMatchObject({ state: 'open', content: { messages: [{ role: 'user' }] } })
    expect((await queue.events()).map(({ kind }) => kind)).toEqual(['enqueued'])
    await dispose()
  })

  it('is let be within maxClockSkewMs', async () => {
    const { queue, dispose } = await openPostgresQueue(database, {
      now: () => Date.now() + 90_000,
      maxClockSkewMs: 120_000,
    })

    expect((await queue.enqueue(item())).state).toBe('open')
    await dispose()
  })
})

describe('what falls due', () => {
  it('is put into effect without its text being read', async () => {
    const clock = { off: 0 }
    const { queue, dispose, schema } = await openPostgresQueue(database, {
      now: () => Date.now() + clock.off,
      maxClockSkewMs: 86_400_000,
    })
    const { id } = await queue.enqueue(item())
    const lapsing = await queue.enqueue(
      item({ deadlineAt: Date.now() + 80_000_000, expiresAt: Date.now() + 80_000_000 }),
    )
    await queue.claim({ reviewer: 'ada', id: lapsing.id, leaseMs: 1_000 })
    await database.query(`UPDATE ${schema}.review_text SET content = 'no JSON' WHERE seq = 1`)
    clock.off = 2_000_000

    await queue.enqueue(item({ deadlineAt: Date.now() + 80_000_000, expiresAt: Date.now() + 80_000_000 }))
    // In one transaction with the lapse of the lease.
    const claim = await queue.claim({ reviewer: 'grace', id: lapsing.id })

    expect((await database.query(`SELECT state FROM ${schema}.review_item WHERE id = '${id}'`))[0]).toEqual({
      state: 'expired',
    })
    expect(claim?.item.content).toEqual(lapsing.content)
    clock.off = 3_700_000
    expect((await queue.get(id))?.erasedAt).toBeGreaterThan(0)
    expect(await database.query(`SELECT 1 FROM ${schema}.review_text WHERE seq = 1`)).toEqual([])
    await dispose()
  })

  it('is whole for who claims it in the transaction that lets it fall due', async () => {
    const clock = { off: 0 }
    const { queue, dispose } = await openPostgresQueue(database, {
      now: () => Date.now() + clock.off,
      maxClockSkewMs: 86_400_000,
    })
    const far = { deadlineAt: Date.now() + 80_000_000, expiresAt: Date.now() + 80_000_000 }
    const { id, content } = await queue.enqueue(item({ ...far, opinions: 2 }))
    const first = await queue.claim({ reviewer: 'ada', id })
    await queue.decide({ id, token: first?.token ?? '', outcome: 'reject', note: 'a note' })
    await queue.claim({ reviewer: 'grace', id, leaseMs: 1_000 })
    clock.off = 5_000

    const claim = await queue.claim({ reviewer: 'edsger' })
    await queue.decide({ id, token: claim?.token ?? '', outcome: 'reject' })

    expect(claim?.item).toMatchObject({ id, content })
    const settled = await queue.get(id)
    expect(settled?.content).toEqual(content)
    expect(JSON.stringify(settled)).toContain('a note')
    await dispose()
  })
})

describe('a schema', () => {
  const options = (schema: string) => ({ schema, where: 'here' })
  const connect = () => driverOf(database.database, { timeoutMs: 5_000 }).connect()

  it('of a newer release is refused and left alone', async () => {
    const { queue, dispose, schema, another } = await openPostgresQueue(database)
    await queue.enqueue(item())
    await database.query(`INSERT INTO ${schema}.review_schema (version, name) VALUES (99, 'later')`)

    const older = await another()

    await expect(older.enqueue(item())).rejects.toMatchObject({
      code: 'PARAPET_QUEUE_NEWER_VERSION',
      message: expect.stringContaining('99'),
    })
    const [row] = await database.query(`SELECT count(*)::int AS items FROM ${schema}.review_item`)
    expect(row).toEqual({ items: 1 })
    await dispose()
  })

  it('of another program is refused and left alone', async () => {
    await database.query('CREATE SCHEMA theirs')
    await database.query('CREATE TABLE theirs.review_item (x int)')
    const queue = postgresQueue(database.database, { schema: 'theirs' })

    await expect(queue.count()).rejects.toMatchObject({ code: 'PARAPET_QUEUE_FOREIGN' })
    expect(await database.query('SELECT * FROM theirs.review_item')).toEqual([])
  })

  it('is as it was before when a migration is cut in half', async () => {
    const connection = await connect()
    const half = [
      ...MIGRATIONS,
      {
        version: MIGRATIONS.length + 1,
        name: 'cut',
        sql: 'CREATE TABLE one (x int); CREATE TABLE one (x int);',
      },
    ]
    await migrate(connection, options('half'))

    await expect(migrate(connection, options('half'), half)).rejects.toThrow('already exists')
    await expect(migrate(connection, options('half_new'), half)).rejects.toThrow('already exists')

    const tables = await connection.query(
      "SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relname = 'one' OR nspname = 'half_new'",
      [],
    )
    const versions = await connection.query('SELECT version FROM half.review_schema', [])
    connection.release()
    expect(tables).toEqual([])
    expect(versions).toHaveLength(MIGRATIONS.length)
    expect((await postgresQueue(database.database, { schema: 'half' }).enqueue(item())).state).toBe('open')
  })
})

describe('the log', () => {
  it('refuses to be changed, shortened or emptied', async () => {
    const { queue, dispose, schema } = await openPostgresQueue(database)
    await queue.enqueue(item())

    for (const change of [
      `UPDATE ${schema}.review_event SET actor = 'nobody'`,
      `DELETE FROM ${schema}.review_event`,
      `TRUNCATE ${schema}.review_event`,
    ]) {
      await expect(database.query(change)).rejects.toThrow('append-only')
    }
    expect(await queue.verifyLog()).toMatchObject({ entries: 1 })
    await dispose()
  })

  it('names the first entry that somebody changed past its guard', async () => {
    const { queue, dispose, schema } = await openPostgresQueue(database)
    for (let turn = 0; turn < 5; turn++) await queue.enqueue(item())
    const whole = await queue.verifyLog()
    await database.query(`ALTER TABLE ${schema}.review_event DISABLE TRIGGER USER`)

    await database.query(`UPDATE ${schema}.review_event SET actor = 'mallory' WHERE sequence = 3`)
    const changed = await queue.verifyLog()
    await database.query(`UPDATE ${schema}.review_event SET actor = 'parapet' WHERE sequence = 3`)
    const mended = await queue.verifyLog()
    await database.query(`DELETE FROM ${schema}.review_event WHERE sequence = 2`)

    expect(changed).toMatchObject({ entries: 5, brokenAt: 3 })
    expect(mended).toEqual(whole)
    expect(await queue.verifyLog()).toMatchObject({ entries: 4, brokenAt: 3 })
    await dispose()
  })
})

describe('text', () => {
  it('of ten megabytes is stored and given back whole, and larger items are refused', async () => {
    const { queue, dispose } = await openPostgresQueue(database, { maxItemBytes: 12_000_000 })
    const text = '🙂\u0000"\\'.repeat(1_500_000)
    const content = { messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text }] }] }

    const { id } = await queue.enqueue(item({ content: { messages: [] } }))
    await expect(queue.enqueue(item({ content }))).rejects.toMatchObject({ code: 'PARAPET_QUEUE_TOO_LARGE' })
    const large = {
      messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'é'.repeat(5_000_000) }] }],
    }
    const stored = await queue.enqueue(item({ content: large }))

    expect((await queue.get(stored.id))?.content).toEqual(large)
    expect((await queue.get(id))?.state).toBe('open')
    await dispose()
  }, 60_000)

  it('is in no table any more once it was erased', async () => {
    const { queue, dispose, schema } = await openPostgresQueue(database)
    const { id } = await queue.enqueue(
      item({ content: { messages: [{ role: 'user', parts: [{ type: 'text', text: 'CANARY-1' }] }] } }),
    )
    const claim = await queue.claim({ reviewer: 'ada', id })
    await queue.decide({ id, token: claim?.token ?? '', outcome: 'reject', note: 'CANARY-2' })
    const everything = async () => {
      const tables = ['review_item', 'review_text', 'review_event']
      const rows = await Promise.all(
        tables.map((table) => database.query(`SELECT * FROM ${schema}.${table}`)),
      )
      return JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? Number(value) : value))
    }
    expect(await everything()).toContain('CANARY-2')

    await queue.erase({ tenant: 'acme', subjectKey: 'person-1' })

    expect(await everything()).not.toContain('CANARY')
    expect((await queue.verifyLog()).brokenAt).toBeUndefined()
    await dispose()
  })
})

describe('postgresQueue', () => {
  it.each([
    { schema: 'Upper' },
    { schema: 'x"; DROP SCHEMA public; --' },
    { schema: '' },
    { leaseMs: 0 },
    { pollMs: 1 },
    { timeoutMs: 5 },
    { busyTimeoutMs: 0 },
    { retries: 3 },
  ])('refuses the options %j', (options) => {
    expect(() => postgresQueue(database.database, options)).toThrow(
      expect.objectContaining({ code: 'PARAPET_QUEUE_OPTIONS' }),
    )
  })

  it.each([undefined, '', 'review.db', 'mysql://host/db', {}, { connect: 1 }])(
    'refuses %j as a database',
    (wrong) => {
      expect(() => postgresQueue(wrong as PostgresDatabase)).toThrow(
        expect.objectContaining({ code: 'PARAPET_QUEUE_OPTIONS' }),
      )
    },
  )

  it('says that a server is not there, without its password, and that trying again may help', async () => {
    const queue = postgresQueue('postgres://ada:CANARY@127.0.0.1:1/db', { timeoutMs: 100 })

    const error = await queue.count().catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'PARAPET_QUEUE_DISCONNECTED', retryable: true })
    expect(String(error)).not.toContain('CANARY')
    await queue.close()
  })
})
