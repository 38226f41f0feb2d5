import { PassThrough } from 'node:stream'
import { expect, it } from '@jest/globals'
import { progressLine } from './progress-line.ts'

it('writes a line for the beginning and the end of a stage, and every five seconds between', () => {
  const stream = new PassThrough()
  let clock = 0
  const report = progressLine(stream, () => clock)
  const step = (stage: number, done: number, remainingMs: number | undefined) =>
    report({ stage, stages: 8, name: `stage ${stage}`, done, total: 4, remainingMs })

  step(1, 0, undefined)
  step(1, 1, 80_000)
  clock = 5_000
  step(1, 2, 240_000)
  step(1, 4, 4_000)
  step(2, 1, 2 * 3_600_000)

  expect(String(stream.read())).toBe(
    [
      '[1/8] stage 1: 0 of 4',
      '[1/8] stage 1: 2 of 4, about 4 min left',
      '[1/8] stage 1: 4 of 4, about 4 s left',
      '[2/8] stage 2: 1 of 4, about 2.0 h left',
      '',
    ].join('\n'),
  )
})
