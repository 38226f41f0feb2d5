import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { memoryQueue } from '../../review/memory-queue.ts'
import type { ReviewClaim, ReviewQueue } from '../../review/review-queue.ts'
import { SEED } from '../seed.ts'
import type { OpenQueueForTest } from './harness.ts'
import { queueHasAnOrder } from './order-property.ts'

/** Two who ask at the same moment are given the same item, each told that it is theirs. */
function givesToTwo(queue: ReviewQueue): ReviewQueue {
  let asked: Promise<ReviewClaim | undefined> | undefined
  const claim: ReviewQueue['claim'] = (options) => {
    const given = asked ?? queue.claim(options)
    asked = given
    return given.finally(() => {
      asked = undefined
    })
  }
  return new Proxy(queue, {
    get: (target, name) => {
      if (name === 'claim') return claim
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

describe('queueHasAnOrder', () => {
  it('finds a queue that gives one item to two who ask at once', async () => {
    const open: OpenQueueForTest = async (options) => {
      const queue = givesToTwo(memoryQueue(options))
      return { queue, another: async () => queue, dispose: () => queue.close() }
    }

    const held = fc.assert(queueHasAnOrder(fc, open), { seed: SEED, numRuns: 200, endOnFailure: true })

    await expect(held).rejects.toThrow('Property failed')
  })
})
