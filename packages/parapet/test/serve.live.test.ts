import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, it } from '@jest/globals'
import { postgresQueue } from '@parapet/adapters/postgres'
import pg from 'pg'
import { killOneOfTwo } from './kill-one-of-two.ts'
import { killServers, startServer } from './served.ts'
import { temporaryFolder } from './temporary-folder.ts'

const SERVER = process.env['PARAPET_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const admin = new pg.Pool({ connectionString: SERVER, max: 1, connectionTimeoutMillis: 2_000 })
const isThere = await admin.query('SELECT 1').then(
  () => true,
  () => false,
)
const onServer = isThere ? describe : describe.skip

const KEY = 'acme-key-0123456789-abcdefgh'
const keys = join(temporaryFolder(), 'keys.txt')
writeFileSync(keys, `acme ${KEY}\n`)
const schema = `parapet_serve_${randomBytes(6).toString('hex')}`

afterEach(killServers)
afterAll(async () => {
  if (isThere) await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  await admin.end()
})

onServer('parapet serve on PostgreSQL', () => {
  it('loses nothing that it acknowledged when one of two copies is killed under load', async () => {
    const policy = join(import.meta.dirname, 'policy-module.ts')
    const args = ['--policy', policy, '--queue', `${SERVER}?schema=${schema}`, '--keys', keys]

    await killOneOfTwo(await Promise.all([startServer(args), startServer(args)]), KEY, () =>
      postgresQueue(SERVER, { schema }),
    )
  }, 120_000)
})
