import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from '@jest/globals'
import { manualClock, newReviewItem } from '@parapet/sdk/testing'
import { type ChainedEvent, chainHash } from '../../src/sqlite/event-chain.ts'
import type { SqliteQueue } from '../../src/sqlite/index.ts'
import { openSqliteQueue } from './queue-file.ts'

const CANARY = 'canary-e77c-in-the-text-of-a-user'

const item = (subjectKey: string) =>
  newReviewItem({
    subjectKey,
    content: {
      messages: [{ role: 'user', parts: [{ type: 'text', text: CANARY.repeat(300) }] }],
      answer: CANARY,
      answerText: CANARY,
    },
  })

/** Whether the text stands anywhere in the files of a database. */
function holdsCanary(file: string): boolean {
  const folder = dirname(file)
  return readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(CANARY))
}

describe('what a SQLite queue keeps', () => {
  it('leaves not a byte of erased text in its files', async () => {
    const clock = manualClock()
    const { queue, file, dispose } = await openSqliteQueue({ now: clock.now })
    try {
      for (let turn = 0; turn < 30; turn++) await queue.enqueue(item(turn % 2 ? 'one' : 'other'))
      const claim = await queue.claim({ reviewer: 'ada' })
      const note = `${CANARY} in the note`
      await queue.decide({ id: claim?.item.id ?? '', token: claim?.token ?? '', outcome: 'approve', note })
      expect(holdsCanary(file)).toBe(true)

      await queue.erase({ tenant: 'acme', subjectKey: 'one' })
      clock.advance(3_600_000)
      await queue.count()

      expect(holdsCanary(file)).toBe(false)
      expect(await queue.count()).toEqual({
        open: 0,
        claimed: 0,
        decided: 0,
        approved: 1,
        rejected: 15,
        expired: 14,
      })
      expect((await (queue as SqliteQueue).verifyLog()).brokenAt).toBeUndefined()
    } finally {
      await dispose()
    }
  })

  it('cuts erased text from the write-ahead log in another process, where the one that erased it could not', async () => {
    const { queue, another, file, dispose } = await openSqliteQueue({ now: manualClock().now })
    const reader = new DatabaseSync(file)
    try {
      await queue.enqueue(item('other'))
      await queue.enqueue(item('one'))
      reader.exec('BEGIN')
      reader.prepare('SELECT count(*) FROM review_item').get()

      const eraser = (await another()) as SqliteQueue
      await eraser.erase({ tenant: 'acme', subjectKey: 'one' })
      await eraser.erase({ tenant: 'acme', subjectKey: 'other' })
      expect(await eraser.erasedTextLeft()).toBe(true)
      await eraser.close()
      expect(holdsCanary(file)).toBe(true)
      reader.exec('COMMIT')
      await queue.count()

      expect(holdsCanary(file)).toBe(false)
      expect(await (queue as SqliteQueue).erasedTextLeft()).toBe(false)
    } finally {
      reader.close()
      await dispose()
    }
  })

  it('keeps text out of every table but the one that is erased', async () => {
    const { queue, file, dispose } = await openSqliteQueue({ now: manualClock().now })
    try {
      const { id } = await queue.enqueue(item('one'))
      const claim = await queue.claim({ reviewer: 'ada', id })
      await queue.decide({ id, token: claim?.token ?? '', outcome: 'reject', reason: 'code', note: CANARY })
      const database = new DatabaseSync(file)
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
      const holding = tables
        .map(({ name }) => String(name))
        .filter((name) => JSON.stringify(database.prepare(`SELECT * FROM ${name}`).all()).includes(CANARY))
      database.close()

      expect(holding).toEqual(['review_text'])
    } finally {
      await dispose()
    }
  })

  it('refuses to change, remove, replace or skip an entry of its log', async () => {
    const { queue, file, dispose } = await openSqliteQueue({ now: manualClock().now })
    try {
      await queue.enqueue(item('one'))
      const database = new DatabaseSync(file)
      const row = '1, "acme", NULL, 0, "viewed", 0, "eve", "{}", ""'.replaceAll('"', "'")

      for (const sql of [
        "UPDATE review_event SET actor = 'eve'",
        'DELETE FROM review_event',
        `INSERT OR REPLACE INTO review_event VALUES (1, ${row})`,
        `INSERT INTO review_event VALUES (3, ${row})`,
      ]) {
        expect(() => database.exec(sql)).toThrow('append-only')
      }
      database.close()
    } finally {
      await dispose()
    }
  })

  it('finds what was changed or removed in its log by who went around that', async () => {
    const { queue, file, dispose } = await openSqliteQueue({ now: manualClock().now })
    try {
      const sqlite = queue as SqliteQueue
      for (let turn = 0; turn < 6; turn++) await queue.enqueue(item('one'))
      const whole = await sqlite.verifyLog()
      const database = new DatabaseSync(file)
      database.exec('DROP TRIGGER review_event_no_update; DROP TRIGGER review_event_no_delete')

      database.exec("UPDATE review_event SET actor = 'eve' WHERE sequence = 4")
      const changed = await sqlite.verifyLog()
      database.exec("UPDATE review_event SET actor = 'parapet' WHERE sequence = 4")
      const mended = await sqlite.verifyLog()
      forge(database, 3)
      const forged = await sqlite.verifyLog()
      database.exec("UPDATE review_event SET actor = 'parapet', hash = old.hash FROM old WHERE sequence = 3")
      database.exec('DELETE FROM review_event WHERE sequence = 6')
      const cut = await sqlite.verifyLog()
      database.exec('DELETE FROM review_event WHERE sequence = 2')
      const removed = await sqlite.verifyLog()
      database.close()

      expect(whole).toEqual({ entries: 6, head: whole.head })
      expect(changed.brokenAt).toBe(4)
      expect(mended).toEqual(whole)
      expect(forged.brokenAt).toBe(4)
      // A cut at the end shows against a head kept elsewhere, and in no other way.
      expect(cut.brokenAt).toBeUndefined()
      expect(cut.head).not.toBe(whole.head)
      expect(removed.brokenAt).toBe(3)
    } finally {
      await dispose()
    }
  })
})

/** Changes an entry together with its own hash, as somebody would who knows how it is made. */
function forge(database: DatabaseSync, sequence: number): void {
  database.exec(`CREATE TABLE old AS SELECT hash FROM review_event WHERE sequence = ${sequence}`)
  const read = database.prepare(
    `SELECT sequence, review_item.id AS itemId, review_event.tenant AS tenant, review_event.kind AS kind, at, actor, detail,
       (SELECT hash FROM review_event WHERE sequence = ? - 1) AS previous
     FROM review_event JOIN review_item ON review_item.seq = review_event.item WHERE sequence = ?`,
  )
  const { previous, ...event } = read.get(sequence, sequence) as unknown as ChainedEvent & {
    previous: string
  }
  const changed = { ...event, actor: 'eve' }
  database
    .prepare('UPDATE review_event SET actor = ?, hash = ? WHERE sequence = ?')
    .run(changed.actor, chainHash(previous, changed), sequence)
}
