import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sqliteQueue } from '../../src/sqlite/index.ts'
import { queueFolder } from './queue-file.ts'
import { type QueueProcess, startQueueProcess } from './queue-processes.ts'

describe('sqliteQueue among processes', () => {
  let folder: ReturnType<typeof queueFolder>
  let file: string
  let processes: QueueProcess[]
  const start = (...args: Parameters<typeof startQueueProcess>) => {
    const started = startQueueProcess(...args)
    processes.push(started)
    return started
  }

  beforeEach(() => {
    folder = queueFolder()
    file = join(folder.path, 'review.db')
    processes = []
  })

  afterEach(() => {
    for (const { process } of processes) process.kill('SIGKILL')
    folder.remove()
  })

  it('loses no acknowledged item of a process that is killed', async () => {
    const acknowledged: string[] = []
    for (const lines of [40, 700]) {
      const victim = start('enqueue', file)
      await victim.printed(lines)
      victim.process.kill('SIGKILL')
      acknowledged.push(...(await victim.ended))
    }

    const queue = sqliteQueue(file)
    const items = await Promise.all(acknowledged.map((id) => queue.get(id)))
    const log = await queue.verifyLog()
    const { open } = await queue.count()
    await queue.close()

    expect(acknowledged.length).toBeGreaterThanOrEqual(740)
    expect(items.filter((item) => item?.state !== 'open' || item.content.messages.length !== 1)).toEqual([])
    // What was stored without having been acknowledged is whole as well.
    expect(open).toBeGreaterThanOrEqual(acknowledged.length)
    expect(log).toMatchObject({ entries: open })
    expect(log.brokenAt).toBeUndefined()
    const database = new DatabaseSync(file)
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([])
    database.close()
  }, 60_000)

  it('opens a new file once when many processes start at the same moment', async () => {
    const results = await Promise.all(
      Array.from({ length: 5 }, () => start('enqueue-some', file, { number: 20 }).ended),
    )

    const queue = sqliteQueue(file)
    const { open } = await queue.count()
    const log = await queue.verifyLog()
    await queue.close()
    expect(new Set(results.flat()).size).toBe(100)
    expect(open).toBe(100)
    expect(log.brokenAt).toBeUndefined()
  }, 60_000)

  it('hands each item to one process', async () => {
    await start('enqueue-some', file, { number: 300 }).ended

    const claims = await Promise.all(Array.from({ length: 3 }, () => start('claim', file).ended))

    expect(claims.flat().length).toBe(300)
    expect(new Set(claims.flat()).size).toBe(300)
  }, 60_000)

  it('wakes who waits when another process decides', async () => {
    const [id = ''] = await start('enqueue-some', file, { number: 1 }).ended
    const queue = sqliteQueue(file, { pollMs: 50 })

    const wait = queue.wait(id, { timeoutMs: 600_000 })
    await start('approve', file).ended

    // Who is not woken waits longer than this test may take.
    expect((await wait).state).toBe('approved')
    await queue.close()
  }, 60_000)

  it('says that another process holds the lock, and goes on once it is gone', async () => {
    const queue = sqliteQueue(file, { busyTimeoutMs: 100 })
    await start('enqueue-some', file, { number: 1 }).ended
    const holder = start('lock', file)
    await holder.printed(1)

    await expect(queue.claim({ reviewer: 'ada' })).rejects.toMatchObject({
      code: 'PARAPET_QUEUE_LOCKED',
      retryable: true,
    })
    expect((await queue.count()).open).toBe(1)
    holder.process.kill('SIGKILL')
    await holder.ended

    expect(await queue.claim({ reviewer: 'ada' })).toMatchObject({ item: { state: 'claimed' } })
    await queue.close()
  }, 60_000)
})
