import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { StoreQueue } from '@parapet/sdk'
import { newReviewItem } from '@parapet/sdk/testing'
import { type SqliteQueue, type SqliteQueueOptions, sqliteQueue } from '../../src/sqlite/index.ts'
import { MIGRATIONS } from '../../src/sqlite/migrations.ts'
import { WorkerStore } from '../../src/sqlite/worker-store.ts'
import { queueFolder } from './queue-file.ts'
import { canMount, startQueueProcess } from './queue-processes.ts'

const CANARY = 'canary-9a41-in-the-text-of-a-user'
const MOUNTS = canMount()

const item = (changes: Parameters<typeof newReviewItem>[0] = {}) =>
  newReviewItem({
    content: { messages: [{ role: 'user', parts: [{ type: 'text', text: CANARY }] }] },
    deadlineAt: Date.now() + 600_000,
    expiresAt: Date.now() + 3_600_000,
    ...changes,
  })

describe('sqliteQueue in trouble', () => {
  let folder: ReturnType<typeof queueFolder>
  let file: string
  let queues: SqliteQueue[]
  const open = (options: SqliteQueueOptions = {}, path = file) => {
    const queue = sqliteQueue(path, { busyTimeoutMs: 200, ...options })
    queues.push(queue)
    return queue
  }

  beforeEach(() => {
    folder = queueFolder()
    file = join(folder.path, 'review.db')
    queues = []
  })

  afterEach(async () => {
    await Promise.all(queues.map((queue) => queue.close()))
    folder.remove()
  })

  it('refuses a file that is no database, and leaves it as it was', async () => {
    writeFileSync(file, 'a text that somebody needs '.repeat(400))
    const before = readFileSync(file)

    await expectFault(open().enqueue(item()), 'PARAPET_QUEUE_CORRUPT')

    expect(readFileSync(file)).toEqual(before)
  })

  it('says so when pages of its file are damaged, and answers from those that are not', async () => {
    const first = open()
    const ids = []
    for (let turn = 0; turn < 200; turn++) ids.push((await first.enqueue(item())).id)
    await first.close()
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 4096 * 3)
    writeFileSync(file, bytes)

    const queue = open()
    const results = await Promise.allSettled(ids.map((id) => queue.get(id)))

    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'fine'))
    expect(codes).toContain('PARAPET_QUEUE_CORRUPT')
    expect(new Set(codes).size).toBeLessThanOrEqual(2)
    await expectFault(queue.enqueue(item()), 'PARAPET_QUEUE_CORRUPT')
  })

  it('says so when its file was cut short', async () => {
    const first = open()
    await Promise.all(Array.from({ length: 200 }, () => first.enqueue(item())))
    await first.close()
    truncateSync(file, Math.floor(statSync(file).size / 2))

    await expectFault(open().enqueue(item()), 'PARAPET_QUEUE_CORRUPT')
  })

  it("refuses another program's database, and leaves it as it was", async () => {
    const other = new DatabaseSync(file)
    other.exec('CREATE TABLE notes (text TEXT)')
    other.close()
    const before = readFileSync(file)

    await expectFault(open().enqueue(item()), 'PARAPET_QUEUE_FOREIGN')

    expect(readFileSync(file)).toEqual(before)
  })

  it('refuses a database of a newer release, and names both versions', async () => {
    const first = open()
    await first.enqueue(item())
    await first.close()
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 99')
    database.close()

    const message = await expectFault(open().count(), 'PARAPET_QUEUE_NEWER_VERSION')

    expect(message).toContain('99')
    expect(message).toContain(`up to ${MIGRATIONS.length}`)
  })

  it('says that the folder is missing, and goes on once it is there', async () => {
    const later = join(folder.path, 'later', 'review.db')
    const queue = open({}, later)
    await expectFault(queue.enqueue(item()), 'PARAPET_QUEUE_UNREACHABLE')
    await expectFault(open({}, folder.path).count(), 'PARAPET_QUEUE_UNREACHABLE')

    mkdirSync(join(folder.path, 'later'))

    expect((await queue.enqueue(item())).state).toBe('open')
  })

  it('stores nothing of an item that does not fit, stores those beside it, and goes on when there is room', async () => {
    const queue = open({ maxBytes: 400_000 })
    const big = {
      messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'z'.repeat(500_000) }] }],
    }
    const before = await queue.enqueue(item())

    const [small, huge, other] = await Promise.allSettled([
      queue.enqueue(item()),
      queue.enqueue(item({ content: big })),
      queue.enqueue(item()),
    ])

    expect(small.status).toBe('fulfilled')
    expect(other.status).toBe('fulfilled')
    expect(huge).toMatchObject({
      status: 'rejected',
      reason: { code: 'PARAPET_QUEUE_FULL', retryable: true },
    })
    expect(await queue.count()).toMatchObject({ open: 3 })
    expect(await queue.verifyLog()).toMatchObject({ entries: 3 })
    expect((await queue.get(before.id))?.state).toBe('open')
    await queue.close()
    expect((await open({ maxBytes: 4_000_000 }).enqueue(item({ content: big }))).state).toBe('open')
  })

  it('refuses an item of ten megabytes before it comes near the file, and takes the largest that is allowed', async () => {
    const queue = open()
    const text = (length: number) => ({
      messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'ü'.repeat(length / 2) }] }],
    })
    await queue.enqueue(item())
    const before = statSync(file).size

    const message = await expectFault(
      queue.enqueue(item({ content: text(10_485_760) })),
      'PARAPET_QUEUE_TOO_LARGE',
    )

    expect(message).toContain('8388608')
    expect(statSync(file).size).toBe(before)
    expect(await queue.count()).toMatchObject({ open: 1 })
    expect((await queue.enqueue(item({ content: text(8_380_000) }))).state).toBe('open')
  })

  it('takes the reasons it was told of, and no other', async () => {
    const queue = open({ reasons: ['harmless', 'harmful'] })
    const { id } = await queue.enqueue(item())
    const { token = '' } = (await queue.claim({ reviewer: 'ada', id })) ?? {}

    for (const call of [
      queue.decide({ id, token, outcome: 'approve', reason: 'because' }),
      queue.skip({ id, token, reason: 'because' }),
      queue.release({ id, token, reason: 'because' }),
    ])
      expect(await expectFault(call, 'PARAPET_QUEUE_INVALID')).toContain('harmless, harmful')
    expect((await queue.decide({ id, token, outcome: 'approve', reason: 'harmless' })).state).toBe('approved')
  })

  const onlyWithMounts = MOUNTS ? it : it.skip

  onlyWithMounts(
    'stores nothing half on a disk that is full, and goes on when there is room',
    async () => {
      const mount = `mount -t tmpfs -o size=1m none ${folder.path}`

      const [line = '{}'] = await startQueueProcess('fill', file, { within: mount }).ended

      const seen = JSON.parse(line)
      expect(seen).toMatchObject({ code: 'PARAPET_QUEUE_FULL', again: 'open', found: true })
      expect(seen.stored).toBeGreaterThan(3)
      expect(seen.during).toBe(seen.stored)
      expect(seen.open).toBe(seen.stored + 1)
      expect(seen.log.brokenAt).toBeUndefined()
      expect(seen.log.entries).toBe(seen.open)
    },
    60_000,
  )

  onlyWithMounts(
    'says that its file cannot be written',
    async () => {
      const first = open()
      await first.enqueue(item())
      await first.close()
      const mount = `mount --bind ${folder.path} ${folder.path} && mount -o remount,ro,bind ${folder.path}`

      for (const path of [file, join(folder.path, 'new.db')]) {
        const [line = '[]'] = await startQueueProcess('try', path, { within: mount }).ended

        expect(JSON.parse(line)).toEqual(['PARAPET_QUEUE_READ_ONLY', 'PARAPET_QUEUE_READ_ONLY'])
      }
    },
    60_000,
  )

  it('fails the calls of a thread that dies, and starts another', async () => {
    let starts = 0
    const options = { path: file, busyTimeoutMs: 200, maxBatch: 10, maxBytes: undefined, pollMs: 50 }
    const dies = () => {
      starts += 1
      return new Worker('process.exit(7)', { eval: true })
    }
    const queue = new StoreQueue(new WorkerStore(options, dies))

    const calls = await Promise.allSettled([queue.enqueue(item()), queue.count()])
    await expectFault(queue.count(), 'PARAPET_QUEUE_FAILED')

    expect(calls.map((call) => call.status === 'rejected' && call.reason.code)).toEqual([
      'PARAPET_QUEUE_FAILED',
      'PARAPET_QUEUE_FAILED',
    ])
    expect(starts).toBe(2)
    await queue.close()
  })

  it('refuses options it does not know, values out of range, and what is no file', () => {
    const wrong = [
      ['review.db', { pollMs: 1 }],
      ['review.db', { leaseMs: 0 }],
      ['review.db', { maxBatch: 1.5 }],
      ['review.db', { busyTimeoutMs: -1 }],
      ['review.db', { maxBytes: 1 }],
      ['review.db', { now: 5 }],
      ['review.db', { maxItemBytes: 1 }],
      ['review.db', { reasons: ['two words'] }],
      ['review.db', { synchronous: 'OFF' }],
      [':memory:', {}],
      ['', {}],
      [undefined, {}],
    ] as unknown as [string, SqliteQueueOptions][]

    for (const [path, options] of wrong) {
      expect(() => sqliteQueue(path, options)).toThrow(
        expect.objectContaining({ code: 'PARAPET_QUEUE_OPTIONS' }),
      )
    }
  })

  it('keeps the process alive for a call under way, and not for an open queue', async () => {
    const [line] = await startQueueProcess('leave', file).ended

    expect(line).toMatch(/^[0-9a-f-]{36}$/)
  })
})

async function expectFault(call: Promise<unknown>, code: string): Promise<string> {
  const error = await call.then(
    () => undefined,
    (thrown: Error & { code: string }) => thrown,
  )
  expect(error?.code).toBe(code)
  const everything = `${error?.message} ${error?.stack} ${JSON.stringify(error?.cause ?? null)}`
  expect(everything).not.toContain(CANARY)
  return error?.message ?? ''
}
