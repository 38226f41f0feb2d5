import { describe, expect, it } from '@jest/globals'
import {
  queueAgreesWithModel,
  queueContract,
  queueHasAnOrder,
  queueKeepsTenantsApart,
} from '@parapet/sdk/testing'
import fc from 'fast-check'
import { openSqliteQueue } from './queue-file.ts'
import { openInlineQueue } from './queue-inline.ts'

/** Fixed, so that a red run can be repeated; `PARAPET_SEED` chooses another. */
const SEED = Number(process.env['PARAPET_SEED'] ?? 20_261_125)

describe('sqliteQueue', () => {
  const cases = queueContract(openSqliteQueue)

  for (const { name, run } of cases) it(name, run)

  it('runs the whole contract', () => {
    expect(cases.length).toBeGreaterThanOrEqual(45)
  })

  it('agrees with a plain model under any calls at any times', async () => {
    await fc.assert(queueAgreesWithModel(fc, openInlineQueue), { seed: SEED, numRuns: 20 })
  }, 240_000)

  it('keeps tenants apart, whatever they are called', async () => {
    await fc.assert(queueKeepsTenantsApart(fc, openInlineQueue), { seed: SEED, numRuns: 15 })
  }, 240_000)

  it('agrees with a plain model when its database is on a thread of its own', async () => {
    await fc.assert(queueAgreesWithModel(fc, openSqliteQueue), { seed: SEED, numRuns: 3 })
  }, 240_000)

  it('gives calls on two handles at once what some order of them gives', async () => {
    await fc.assert(queueHasAnOrder(fc, openSqliteQueue), { seed: SEED, numRuns: 25 })
  }, 240_000)
})
