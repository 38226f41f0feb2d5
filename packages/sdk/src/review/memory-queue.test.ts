import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  queueAgreesWithModel,
  queueContract,
  queueHasAnOrder,
  queueKeepsTenantsApart,
} from '../testing/queue-contract/index.ts'
import { SEED } from '../testing/seed.ts'
import { memoryQueue } from './memory-queue.ts'

describe('memoryQueue', () => {
  const open = async (options: { readonly now?: () => number }) => {
    const queue = memoryQueue(options)
    return { queue, another: async () => queue, dispose: () => queue.close() }
  }
  const cases = queueContract(open)

  for (const { name, run } of cases) it(name, run)

  it('runs the whole contract', () => {
    expect(cases.length).toBeGreaterThanOrEqual(45)
  })

  it('agrees with a plain model under any calls at any times', async () => {
    await fc.assert(queueAgreesWithModel(fc, open), { seed: SEED, numRuns: 60 })
  })

  it('gives calls on two handles at once what some order of them gives', async () => {
    await fc.assert(queueHasAnOrder(fc, open), { seed: SEED, numRuns: 60 })
  })

  it('keeps tenants apart, whatever they are called', async () => {
    await fc.assert(queueKeepsTenantsApart(fc, open), { seed: SEED, numRuns: 50 })
  })
})
