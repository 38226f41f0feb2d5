import { expect, test } from '@jest/globals'
import { type Progress, progressMeter } from './progress.ts'

const PLAN = [
  { name: 'one', passes: 10 },
  { name: 'two', passes: 30 },
]

test('the time left is that of the passes left, at the speed so far', () => {
  const reports: Progress[] = []
  let clock = 0
  const meter = progressMeter(
    PLAN,
    (report) => reports.push(report),
    () => clock,
  )

  meter.begin(0)
  clock = 500
  meter.step(1, 2)

  expect(reports.at(-1)).toEqual({ stage: 1, stages: 2, name: 'one', done: 1, total: 2, remainingMs: 3500 })
})

test('what an earlier run did says nothing of the speed', () => {
  const reports: Progress[] = []
  let clock = 0
  const meter = progressMeter(
    PLAN,
    (report) => reports.push(report),
    () => clock,
  )

  meter.begin(0)
  meter.step(2, 2, true)
  expect(reports.at(-1)?.remainingMs).toBeUndefined()

  meter.begin(1, 20)
  clock = 1000
  meter.step(1, 4)
  expect(reports.at(-1)?.remainingMs).toBe(3000)
})
