import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { StepScheduler } from './step-scheduler.ts'

/** Work of so many steps that writes its name down at each. */
function work(name: string, lane: 'read' | 'answer', steps: number, log: string[]) {
  let left = steps
  return {
    lane,
    async step() {
      log.push(name)
      left -= 1
      return left === 0
    },
  }
}

test('readings go in order, each to its end, and answers a token at a time between their steps', async () => {
  const log: string[] = []
  const scheduler = new StepScheduler()
  scheduler.add(work('r', 'read', 3, log))
  scheduler.add(work('s', 'read', 2, log))
  scheduler.add(work('a', 'answer', 4, log))
  scheduler.add(work('b', 'answer', 2, log))
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()

  expect(log.join('')).toBe('rarbrasbsaa')
})

test('messages are taken in between two steps, and work added later goes on', async () => {
  const log: string[] = []
  const scheduler = new StepScheduler()
  scheduler.add(work('r', 'read', 2, log))
  setTimeout(() => log.push('!'))
  await new Promise((resolve) => setTimeout(resolve, 20))
  scheduler.add(work('s', 'read', 1, log))
  await setImmediate()

  expect(log).toContain('!')
  expect(log.filter((name) => name !== '!')).toEqual(['r', 'r', 's'])
})
