import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { postgresQueue } from '@parapet/adapters/postgres'
import pg from 'pg'

const MAIN = join(dirname(import.meta.dirname), 'packages/parapet/src/main.ts')
const SERVER = process.env['PARAPET_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const admin = new pg.Pool({ connectionString: SERVER, max: 1, connectionTimeoutMillis: 2_000 })
const isThere = await admin.query('SELECT 1').then(
  () => true,
  () => false,
)
const onServer = isThere ? describe : describe.skip

/** Calls the command in a process of its own. */
function parapet(...args: string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  const all = ['--disable-warning=ExperimentalWarning', '--conditions=@parapet/source', MAIN, ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, all, (error, stdout, stderr) =>
      resolve({ status: error?.code ?? 0, stdout, stderr }),
    )
  })
}

afterAll(() => admin.end())

onServer('parapet review on PostgreSQL', () => {
  const name = `parapet_cli_${randomBytes(6).toString('hex')}`
  const url = Object.assign(new URL(SERVER), { pathname: `/${name}` }).href
  const place = `${url}?schema=desk`

  beforeAll(async () => {
    await admin.query(`CREATE DATABASE ${name}`)
  })
  afterAll(async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
  })

  it('makes no queue by looking, migrates, and takes an item to its decision', async () => {
    const missing = await parapet('review', 'list', '--queue', place)
    const nowhere = await parapet('review', 'list', '--queue', url.replace(name, `${name}_not`))
    const migrated = await parapet('review', 'migrate', '--queue', place)
    const queue = postgresQueue(url, { schema: 'desk' })
    const later = Date.now() + 600_000
    const { id } = await queue.enqueue({
      key: 'k',
      kind: 'input',
      tenant: 'acme',
      subjectKey: 'one',
      decisionId: 'd',
      bindingHash: 'b',
      contentDigest: 'c',
      content: { messages: [{ role: 'user', parts: [{ type: 'text', text: 'May I?' }] }] },
      reasons: [],
      edits: [],
      deadlineAt: later,
      otherwise: 'block',
      expiresAt: later,
    })
    const decided = await parapet('review', 'decide', id, '--approve', '--json', '--queue', place)
    const subject = ['erase', '--subject', 'one', '--tenant', 'acme', '--queue', place]
    const erased = await parapet(...subject)
    const vacuumed = await parapet(...subject, '--vacuum', '--json', '--wait', '60')
    const checked = await parapet('review', 'doctor', '--queue', place)

    expect(missing).toMatchObject({ status: 1, stdout: '' })
    expect(missing.stderr).toContain('PARAPET_CLI_QUEUE_MISSING')
    expect(nowhere).toMatchObject({ status: 1, stdout: '' })
    expect(nowhere.stderr).toContain('PARAPET_QUEUE_UNREACHABLE')
    expect(migrated).toMatchObject({ status: 0 })
    expect(JSON.parse(decided.stdout)).toMatchObject({ id, state: 'approved' })
    expect(erased).toMatchObject({ status: 0 })
    expect(erased.stdout).toMatch(/^1 item of tenant acme lost their text\.\n.*--vacuum/)
    expect(vacuumed).toMatchObject({ status: 0 })
    expect(JSON.parse(vacuumed.stdout)).toEqual({ tenant: 'acme', erased: 0, textLeft: false, deadTexts: 0 })
    expect(checked.stdout).toMatch(/^erased text +ok/m)
    expect(checked).toMatchObject({ status: 0 })
    expect((await queue.get(id))?.erasedAt).toBeGreaterThan(0)
    await queue.close()
  }, 300_000)
})
