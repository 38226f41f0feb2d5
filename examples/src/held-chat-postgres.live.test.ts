import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import pg from 'pg'

const SERVER = process.env['PARAPET_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

async function answers(): Promise<boolean> {
  const client = new pg.Client({ connectionString: SERVER, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

const onServer = (await answers()) ? describe : describe.skip

onServer('held-chat-postgres.ts on a server', () => {
  it('runs over three processes, one of which is killed', async () => {
    const name = `parapet_example_${crypto.randomUUID().replaceAll('-', '')}`
    const admin = new pg.Client({ connectionString: SERVER })
    await admin.connect()
    await admin.query(`CREATE DATABASE ${name}`)
    try {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ['--conditions=@parapet/source', join(import.meta.dirname, 'held-chat-postgres.ts')],
        {
          env: {
            ...process.env,
            PARAPET_POSTGRES: Object.assign(new URL(SERVER), { pathname: `/${name}` }).href,
          },
        },
      )

      expect(stdout.trim().split('\n')).toEqual([
        'the page reads: A pharmacist looks at this answer first.',
        'the server that held it is gone',
        'the page reads: Take 2 tablets a day.',
      ])
      expect(stderr).toBe('')
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    }
  }, 60_000)
})
