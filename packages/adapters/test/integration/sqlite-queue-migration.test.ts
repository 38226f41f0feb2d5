import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { TEST_START } from '@parapet/sdk/testing'
import { chainHash } from '../../src/sqlite/event-chain.ts'
import { type SqliteQueue, sqliteQueue } from '../../src/sqlite/index.ts'
import { migrate } from '../../src/sqlite/migrate.ts'
import { MIGRATIONS } from '../../src/sqlite/migrations.ts'
import { openDatabase } from '../../src/sqlite/open-database.ts'
import { queueFolder } from './queue-file.ts'

const APPLICATION_ID = 0x50525054

/** A database as the first release wrote it: an item of each state, with text, a note, a claim and a log. */
function writeFirstVersion(file: string): void {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(MIGRATIONS[0]?.sql ?? '')
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`)
  const item = database.prepare(
    `INSERT INTO review_item (seq, id, tenant, subject_key, expires_at, key, kind, decision_id, binding_hash,
       content_digest, reasons, edits, priority, deadline_at, otherwise, created_at, state, revision, claim_reviewer,
       claim_token, lease_until, decided_by, decided_outcome, decided_reason, decided_at, decided_token, erased_at, due_at)
     VALUES (?, ?, 'acme', 'one', ?, ?, 'input', 'd', 'sha256:binding', 'sha256:content', ?, '[]', ?, ?, 'block', ?, ?, 3,
       ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const text = database.prepare(
    "INSERT INTO review_text (seq, tenant, subject_key, expires_at, content, note) VALUES (?, 'acme', 'one', ?, ?, ?)",
  )
  const event = database.prepare(
    "INSERT INTO review_event VALUES (?, ?, 'acme', 'one', ?, 'enqueued', ?, 'parapet', '{}', ?)",
  )
  const states = ['open', 'claimed', 'approved', 'rejected', 'expired'] as const
  const reasons = JSON.stringify([{ kind: 'rule', part: 0, rule: 'r', nothing: null }])
  const [deadline, expires] = [TEST_START + 60_000, TEST_START + 3_600_000]
  let hash = '0'.repeat(64)
  for (const [index, state] of states.entries()) {
    const seq = index + 1
    const id = `item-${state}`
    const isDecided = state === 'approved' || state === 'rejected'
    item.run(
      seq,
      id,
      expires,
      `key-${state}`,
      reasons,
      state === 'open' ? 5 : 0,
      deadline,
      TEST_START,
      state,
      ...(state === 'claimed' ? ['ada', 'token-claimed', TEST_START + 10_000] : [null, null, null]),
      ...(isDecided
        ? ['ada', state === 'approved' ? 'approve' : 'reject', null, TEST_START + 5, `token-${state}`]
        : [null, null, null, null, null]),
      state === 'expired' ? TEST_START + 7 : null,
      state === 'expired' ? null : state === 'claimed' ? TEST_START + 10_000 : isDecided ? expires : deadline,
    )
    const content = JSON.stringify({ messages: [{ role: 'user', parts: [{ type: 'text', text: state }] }] })
    if (state !== 'expired') text.run(seq, expires, content, isDecided ? `note on ${state}` : null)
    const entry = { kind: 'enqueued', at: TEST_START, actor: 'parapet' } as const
    hash = chainHash(hash, { ...entry, sequence: seq, itemId: id, tenant: 'acme', detail: '{}' })
    event.run(seq, seq, expires, TEST_START, hash)
  }
  database.close()
}

describe('a database of the first release', () => {
  let folder: ReturnType<typeof queueFolder>
  let file: string
  let queue: SqliteQueue | undefined

  beforeEach(() => {
    folder = queueFolder()
    file = join(folder.path, 'review.db')
    writeFirstVersion(file)
  })

  afterEach(async () => {
    await queue?.close()
    folder.remove()
  })

  it('is read on as it was, by this release', async () => {
    queue = sqliteQueue(file, { now: () => TEST_START + 10 })

    expect(await queue.count()).toEqual({
      open: 1,
      claimed: 1,
      decided: 0,
      approved: 1,
      rejected: 1,
      expired: 1,
    })
    expect(await queue.get('item-open')).toEqual({
      id: 'item-open',
      key: 'key-open',
      kind: 'input',
      tenant: 'acme',
      subjectKey: 'one',
      decisionId: 'd',
      bindingHash: 'sha256:binding',
      contentDigest: 'sha256:content',
      content: { messages: [{ role: 'user', parts: [{ type: 'text', text: 'open' }] }] },
      reasons: [{ kind: 'rule', part: 0, rule: 'r', nothing: null }],
      edits: [],
      team: 'default',
      priority: 5,
      opinions: 1,
      undoMs: 0,
      deadlineAt: TEST_START + 60_000,
      otherwise: 'block',
      expiresAt: TEST_START + 3_600_000,
      state: 'open',
      createdAt: TEST_START,
      revision: 3,
    })
    expect((await queue.get('item-approved'))?.decision).toEqual({
      reviewer: 'ada',
      outcome: 'approve',
      note: 'note on approved',
      decidedAt: TEST_START + 5,
    })
    expect(await queue.get('item-expired')).toMatchObject({
      erasedAt: TEST_START + 7,
      content: { messages: [] },
    })
    expect(await queue.verifyLog()).toMatchObject({ entries: 5 })
    expect((await queue.verifyLog()).brokenAt).toBeUndefined()
  })

  it('goes on where it stood: claims, decisions, keys, appeals and erasure', async () => {
    let now = TEST_START + 10
    queue = sqliteQueue(file, { now: () => now })

    const held = { id: 'item-claimed', token: 'token-claimed' }
    expect((await queue.decide({ ...held, outcome: 'approve' })).state).toBe('approved')
    const decided = { id: 'item-approved', token: 'token-approved', outcome: 'approve' } as const
    expect((await queue.decide({ ...decided, note: 'note on approved' })).revision).toBe(3)
    await expect(queue.decide(decided)).rejects.toMatchObject({ code: 'PARAPET_QUEUE_DECIDED' })
    expect((await queue.claim({ reviewer: 'bob' }))?.item.id).toBe('item-open')
    const { token } = await queue.offerAppeal({ id: 'item-rejected' })
    expect((await queue.appeal({ token })).appeals).toBe('item-rejected')
    expect(await queue.erase({ tenant: 'acme', subjectKey: 'one' })).toBe(5)
    now += 3_600_000
    expect(await queue.verifyLog()).not.toHaveProperty('brokenAt')
  })

  it('is as it was when a step fails in the middle, and migrates when it is tried again', async () => {
    const database = new DatabaseSync(file)
    const [first, second] = MIGRATIONS
    if (!first || !second) throw new Error('there are two steps')
    const half = [first, { ...second, sql: `${second.sql}; SELECT no_such_column FROM review_item;` }]

    expect(() => migrate(database, { path: file, busyTimeoutMs: 100 }, half)).toThrow('no_such_column')

    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
    expect(
      database.prepare('SELECT count(*) AS n FROM review_item WHERE decided_by IS NOT NULL').get(),
    ).toEqual({
      n: 2,
    })
    database.close()
    const opened = openDatabase({ path: file, busyTimeoutMs: 100, maxBytes: undefined })
    expect(opened.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length })
    expect(opened.prepare('PRAGMA foreign_key_check').all()).toEqual([])
    expect(opened.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    opened.close()
  })

  it('is migrated once when many open it at the same moment', async () => {
    const queues = Array.from({ length: 6 }, () => sqliteQueue(file, { now: () => TEST_START + 10 }))

    const counts = await Promise.all(queues.map((each) => each.count()))

    expect(new Set(counts.map((count) => JSON.stringify(count))).size).toBe(1)
    expect(await queues[0]?.verifyLog()).toMatchObject({ entries: 5 })
    await Promise.all(queues.map((each) => each.close()))
  })
})
