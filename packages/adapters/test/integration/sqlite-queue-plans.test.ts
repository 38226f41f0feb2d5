import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { newReviewItem } from '@parapet/sdk/testing'
import { type Call, groupCommit } from '../../src/sqlite/group-commit.ts'
import { openDatabase } from '../../src/sqlite/open-database.ts'
import { ReviewDatabase } from '../../src/sqlite/review-database.ts'
import { queueFolder } from './queue-file.ts'

/** Remembers every statement that a queue prepares. */
class RecordingDatabase extends ReviewDatabase {
  readonly recorded = new Set<string>()

  override statement(sql: string) {
    this.recorded.add(sql)
    return super.statement(sql)
  }
}

describe('the plans of a SQLite queue', () => {
  it('find rows by an index, in order, in every statement', () => {
    const folder = queueFolder()
    const database = new RecordingDatabase(
      openDatabase({ path: join(folder.path, 'review.db'), busyTimeoutMs: 0, maxBytes: undefined }),
    )
    try {
      runEverything(database)

      const plans = [...database.recorded]
        .filter((sql) => /^\s*(SELECT|UPDATE|DELETE)/.test(sql))
        .map((sql) => ({
          sql,
          plan: database.database
            .prepare(`EXPLAIN QUERY PLAN ${sql}`)
            .all()
            .map((step) => String(step['detail'])),
        }))

      expect(plans.length).toBeGreaterThan(20)
      // A count reads its whole index, and only that; a list of settled ids reads the list.
      const bad = plans.filter(({ plan }) =>
        plan.some(
          (step) =>
            /^SCAN review_(item|text|event)(?! USING COVERING INDEX)/.test(step) || /TEMP B-TREE/.test(step),
        ),
      )
      expect(bad).toEqual([])
    } finally {
      database.database.close()
      folder.remove()
    }
  })
})

function runEverything(database: ReviewDatabase): void {
  const faults: unknown[] = []
  const run = (name: Call['name'], input: unknown, at = 1_700_000_000_000) => {
    const [answer] = groupCommit(database, [{ number: 1, name, at, input }], (error) => {
      throw error
    }).answers
    if (answer && 'fault' in answer) faults.push(answer.fault)
    return answer && 'value' in answer ? answer.value : undefined
  }
  const newItem = (changes: Parameters<typeof newReviewItem>[0] = {}) => {
    const { content, ...given } = newReviewItem(changes)
    const defaults = { team: 'day', priority: 0, opinions: 1, undoMs: 0 }
    return { ...defaults, ...given, contentJson: JSON.stringify(content) }
  }
  const given = newItem()
  const { id } = run('enqueue', given) as { id: string }
  run('view', { id, reviewer: 'ada' })
  for (const tenant of ['acme', undefined]) {
    run('events', { itemId: id, tenant, after: 0, limit: 10 })
    run('events', { itemId: undefined, tenant, after: 0, limit: 10 })
    for (const team of ['day', undefined]) {
      run('count', { tenant, team })
      for (const after of [{ priority: 0, deadlineAt: 0, order: 0 }, undefined]) {
        for (const kind of ['input', undefined]) {
          run('list', { tenant, team, kind, after, states: ['open'], limit: 10 })
        }
      }
      const claim = run('claim', { reviewer: 'ada', tenant, team, leaseMs: 10 }) as { token: string }
      run('extend', { id, token: claim.token, leaseMs: 20 })
      run('release', { id, token: claim.token })
    }
  }
  const skipped = run('claim', { reviewer: 'bob', id, leaseMs: 10 }) as { token: string }
  run('skip', { id, token: skipped.token, reason: 'later' })
  const { token } = run('claim', { reviewer: 'ada', id, leaseMs: 10 }) as { token: string }
  run('decide', { id, token, outcome: 'approve', note: 'fine' })
  run('useGrant', { ticket: id, contentDigest: given.contentDigest, bindingHash: given.bindingHash })
  const undone = run('enqueue', { ...newItem(), undoMs: 1_000 }) as { id: string }
  const held = run('claim', { reviewer: 'ada', id: undone.id, leaseMs: 10 }) as { token: string }
  run('decide', { id: undone.id, token: held.token, outcome: 'reject', note: 'no' })
  run('undo', { id: undone.id, token: held.token })
  const again = run('claim', { reviewer: 'ada', id: undone.id, leaseMs: 10 }) as { token: string }
  run('decide', { id: undone.id, token: again.token, outcome: 'reject' }, 1_700_000_000_001)
  run('sweep', null, 1_700_000_002_000)
  run('offerAppeal', { id: undone.id, digest: 'digest' })
  run('appeal', { id: undone.id, digest: 'digest', withinMs: 1_000 })
  run('settled', [id])
  run('erase', { tenant: 'acme', subjectKey: 'person-1' })
  expect(faults).toEqual([])
}
