import { afterEach, expect, it, jest } from '@jest/globals'
import { watchReadiness } from './readiness.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

/** A clock that the test sets. */
function clock() {
  let time = 5_000
  jest.spyOn(performance, 'now').mockImplementation(() => time)
  return {
    pass: (ms: number) => {
      time += ms
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

it('asks the queue at most once a second, however many ask it', async () => {
  const { pass } = clock()
  let asked = 0
  const queue = {
    get: async () => {
      asked++
      if (asked > 1) throw new Error('gone')
      return undefined
    },
  }
  const readiness = watchReadiness({ warm: async () => undefined }, queue, () => undefined)
  await settled()

  const first = await Promise.all([readiness(), readiness(), readiness()])
  pass(999)
  const second = await readiness()
  const before = asked
  pass(1)
  const third = await readiness()

  expect(first.map(({ queue }) => queue)).toEqual(['reachable', 'reachable', 'reachable'])
  expect(second.ready).toBe(true)
  expect(before).toBe(1)
  expect(third).toEqual({ ready: false, detectors: 'loaded', queue: 'unreachable' })
})

it('begins a failed load anew at most once a second', async () => {
  const { pass } = clock()
  let loads = 0
  const faults: unknown[] = []
  const warm = async () => {
    loads++
    throw new Error('no model')
  }
  const readiness = watchReadiness({ warm }, undefined, (fault) => faults.push(fault))

  for (let call = 0; call < 5; call++) {
    await settled()
    await readiness()
  }
  const before = loads
  pass(1_000)
  const failed = await readiness()
  await settled()

  expect(before).toBe(1)
  expect(failed).toEqual({ ready: false, detectors: 'failed', queue: 'none' })
  expect(loads).toBe(2)
  expect(faults).toHaveLength(2)
})
