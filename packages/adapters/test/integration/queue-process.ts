// A process of its own on a review database, for the tests that need several. Prints one line for each thing done.
//   node --conditions=@parapet/source queue-process.ts <part> <database> [number]
import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isParapetError } from '@parapet/sdk'
import { newReviewItem } from '@parapet/sdk/testing'
import { sqliteQueue } from '../../src/sqlite/index.ts'

const [, , part, file = '', number = '0'] = process.argv
const amount = Number(number)
const print = (line: string) => process.stdout.write(`${line}\n`)
const item = (key: string, text = 'May I have this?') =>
  newReviewItem({
    key,
    contentDigest: key,
    content: { messages: [{ role: 'user', parts: [{ type: 'text', text }] }] },
    deadlineAt: Date.now() + 600_000,
    expiresAt: Date.now() + 3_600_000,
  })
const codeOf = (error: unknown) => (isParapetError(error) ? error.code : String(error))

const PARTS: Record<string, () => Promise<void>> = {
  /** Enqueues without end, 32 at a time, and prints each id once it is acknowledged. */
  async enqueue() {
    const queue = sqliteQueue(file)
    let next = 0
    const one = async () => {
      for (;;) {
        next += 1
        print((await queue.enqueue(item(`${process.pid}-${next}`, 'x'.repeat(next % 3_000)))).id)
      }
    }
    await Promise.all(Array.from({ length: 32 }, one))
  },

  /** Enqueues so many, and ends. */
  async 'enqueue-some'() {
    const queue = sqliteQueue(file)
    await Promise.all(
      Array.from({ length: amount }, async (_, turn) =>
        print((await queue.enqueue(item(`${process.pid}-${turn}`))).id),
      ),
    )
    await queue.close()
  },

  /** Enqueues one, and ends without closing the queue. */
  async leave() {
    print((await sqliteQueue(file).enqueue(item('a'))).id)
  },

  /** Claims whatever there is and prints it. */
  async claim() {
    const queue = sqliteQueue(file)
    const reviewer = `reviewer-${process.pid}`
    for (let claim = await queue.claim({ reviewer }); claim; claim = await queue.claim({ reviewer })) {
      print(claim.item.id)
    }
    await queue.close()
  },

  /** Approves the first item that comes. */
  async approve() {
    const queue = sqliteQueue(file)
    const claim = await queue.claim({ reviewer: 'ada' })
    if (claim) await queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve' })
    print(claim?.item.id ?? 'none')
    await queue.close()
  },

  /** Holds the write lock until it is killed. */
  async lock() {
    const database = new DatabaseSync(file)
    database.exec('BEGIN IMMEDIATE')
    print('locked')
    // Named here, or the collector closes the connection and with it gives back the lock.
    setInterval(() => database.isOpen, 1_000)
  },

  /** Fills a small disk, frees some, and goes on. Prints what it saw as JSON. */
  async fill() {
    const queue = sqliteQueue(file)
    const ballast = join(dirname(file), 'ballast')
    writeFileSync(ballast, Buffer.alloc(400_000))
    const stored: string[] = []
    let code = 'none'
    for (let turn = 0; turn < 1_000 && code === 'none'; turn++) {
      const results = await Promise.allSettled(
        [0, 1, 2].map((index) => queue.enqueue(item(`${turn}-${index}`, 'y'.repeat(9_000)))),
      )
      for (const result of results) {
        if (result.status === 'fulfilled') stored.push(result.value.id)
        else code = codeOf(result.reason)
      }
    }
    const during = await queue.count().then(({ open }) => open, codeOf)
    rmSync(ballast)
    const again = await queue.enqueue(item('once there is room')).then(({ state }) => state, codeOf)
    const found = await Promise.all(
      stored.map(async (id) => (await queue.get(id))?.content.messages.length === 1),
    )
    const log = await queue.verifyLog()
    const { open } = await queue.count()
    await queue.close()
    print(
      JSON.stringify({ code, stored: stored.length, during, again, found: found.every(Boolean), log, open }),
    )
  },

  /** Tries a write and a read, and prints what came of each. */
  async try() {
    const queue = sqliteQueue(file, { busyTimeoutMs: 200 })
    const state = ({ state }: { state: string }) => state
    print(
      JSON.stringify([
        await queue.enqueue(item('a')).then(state, codeOf),
        await queue.count().then(String, codeOf),
      ]),
    )
    await queue.close()
  },
}

await PARTS[part ?? '']?.()
