import { expect, test } from '@jest/globals'
import { bounded } from './bounded.ts'

const late = () => new Error('late')
const otherwise = () => new Error('otherwise')
const idle = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

test('work that does not end is stopped', () => {
  const endless = () => {
    for (;;);
  }

  expect(() => bounded(endless, { timeoutMs: 50, late }, otherwise)).toThrow('late')
})

test('work that the machine kept waiting, and did not use the processor, is done anew', () => {
  let turns = 0
  const work = () => {
    turns += 1
    if (turns === 1) idle(600)
    return 'done'
  }

  expect(bounded(work, { timeoutMs: 300, late }, otherwise)).toBe('done')
  expect(turns).toBe(2)
})

test('waiting has an end as well', () => {
  const never = () => {
    for (;;) idle(1_000)
  }

  expect(() => bounded(never, { timeoutMs: 1, late }, otherwise)).toThrow('late')
})

test('what throws is told of by the caller', () => {
  const broken = () => {
    throw new Error('quotes a text')
  }

  expect(() => bounded(broken, { timeoutMs: 1_000, late }, otherwise)).toThrow('otherwise')
})
