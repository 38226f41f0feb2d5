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
  return claimingBy(queue, (options) => {
    const given = asked ?? queue.claim(options)
    asked = given
    return given.finally(() => {
      asked = undefined
    })
  })
}

/** Whoever asks for whatever comes first is told that there is nothing. */
function givesNothing(queue: ReviewQueue): ReviewQueue {
  return claimingBy(queue, async (options) => (options.id === undefined ? undefined : queue.claim(options)))
}

function claimingBy(queue: ReviewQueue, claim: ReviewQueue['claim']): ReviewQueue {
  return new Proxy(queue, {
    get: (target, name) => {
      if (name === 'claim') return claim
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

const opening =
  (change: (queue: ReviewQueue) => ReviewQueue): OpenQueueForTest =>
  async (options) => {
    const queue = change(memoryQueue(options))
    return { queue, another: async () => queue, dispose: () => queue.close() }
  }

describe('queueHasAnOrder', () => {
  it.each([
    ['gives one item to two who ask at once', givesToTwo, {}],
    ['gives one item to two, also where claims may pass items by', givesToTwo, { claimsMaySkip: true }],
    [
      'gives nothing though nobody has the item, also where claims may pass items by',
      givesNothing,
      { claimsMaySkip: true },
    ],
  ])('finds a queue that %s', async (_, change, options) => {
    const property = queueHasAnOrder(fc, opening(change), options)

    const held = fc.assert(property, { seed: SEED, numRuns: 200, endOnFailure: true })

    await expect(held).rejects.toThrow('Property failed')
  })
})
