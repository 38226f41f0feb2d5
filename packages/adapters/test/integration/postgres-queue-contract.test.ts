import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  type OpenQueueForTest,
  queueAgreesWithModel,
  queueContract,
  queueHasAnOrder,
  queueKeepsTenantsApart,
} from '@parapet/sdk/testing'
import fc from 'fast-check'
import { openPGlite, openPostgresQueue, type TestDatabase } from './postgres-databases.ts'

/** Fixed, so that a red run can be repeated; `PARAPET_SEED` chooses another. */
const SEED = Number(process.env['PARAPET_SEED'] ?? 20_261_130)

describe('postgresQueue on PGlite', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await openPGlite()
  }, 60_000)
  afterAll(() => database.close())
  const open: OpenQueueForTest = (options) => openPostgresQueue(database, options)
  const cases = queueContract(open)

  for (const { name, run } of cases) it(name, run, 30_000)

  it('runs the whole contract', () => {
    expect(cases.length).toBeGreaterThanOrEqual(45)
  })

  it('agrees with a plain model under any calls at any times', async () => {
    await fc.assert(queueAgreesWithModel(fc, open), { seed: SEED, numRuns: 20 })
  }, 120_000)

  it('keeps tenants apart, whatever they are called', async () => {
    await fc.assert(queueKeepsTenantsApart(fc, open), { seed: SEED, numRuns: 10 })
  }, 120_000)

  it('gives calls on two handles at once what some order of them gives', async () => {
    await fc.assert(queueHasAnOrder(fc, open), { seed: SEED, numRuns: 25 })
  }, 240_000)
})
