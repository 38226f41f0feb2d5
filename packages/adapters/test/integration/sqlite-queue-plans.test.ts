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
  const { content, ...given } = newReviewItem()
  const newItem = { ...given, priority: 0, contentJson: JSON.stringify(content) }
  const { id } = run('enqueue', newItem) as { id: string }
  run('view', { id, reviewer: 'ada' })
  for (const tenant of ['acme', undefined]) {
    run('count', { tenant })
    run('events', { itemId: id, tenant, after: 0, limit: 10 })
    run('events', { itemId: undefined, tenant, after: 0, limit: 10 })
    for (const after of [{ priority: 0, deadlineAt: 0, order: 0 }, undefined]) {
      for (const kind of ['input', undefined]) {
        run('list', { tenant, kind, after, states: ['open'], limit: 10 })
      }
    }
    const claim = run('claim', { reviewer: 'ada', tenant, leaseMs: 10 }) as { token: string }
    run('extend', { id, token: claim.token, leaseMs: 20 })
    run('release', { id, token: claim.token })
  }
  const { token } = run('claim', { reviewer: 'ada', id, leaseMs: 10 }) as { token: string }
  run('decide', { id, token, outcome: 'approve', note: 'fine' })
  run('useGrant', { ticket: id, contentDigest: given.contentDigest, bindingHash: given.bindingHash })
  run('settled', [id])
  run('erase', { tenant: 'acme', subjectKey: 'person-1' })
  expect(faults).toEqual([])
}
