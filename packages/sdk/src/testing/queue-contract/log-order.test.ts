import { describe, expect, it } from '@jest/globals'
import { assertSameLog } from './log-order.ts'

const entry = (item: number, kind: string) => ({ item, kind, at: 0, actor: 'parapet' })
const enqueued = entry(0, 'enqueued')
const escalated = entry(0, 'escalated')
const claimed = entry(0, 'claimed')
const beside = entry(1, 'enqueued')
const after = entry(2, 'enqueued')

/** The second moment begins with what fell due. */
const expected = {
  log: [enqueued, escalated, beside, claimed, after],
  fellDue: new Set([1]),
  begins: [0, 1, 4],
}

describe('assertSameLog', () => {
  it.each([
    ['the very log', expected.log],
    ['what fell due, after a call on another item', [enqueued, beside, escalated, claimed, after]],
  ])('takes %s', (_, log) => {
    expect(() => assertSameLog(log, expected)).not.toThrow()
  })

  it.each([
    ['what fell due, after a call on its own item', [enqueued, beside, claimed, escalated, after]],
    ['what fell due, in a later moment', [enqueued, beside, after, escalated, claimed]],
    ['calls in another order', [enqueued, escalated, claimed, beside, after]],
    ['a log without what fell due', [enqueued, beside, claimed, after]],
    ['an entry too many', [...expected.log, entry(3, 'enqueued')]],
    ['an entry of another actor', [{ ...enqueued, actor: 'ada' }, ...expected.log.slice(1)]],
  ])('does not take %s', (_, log) => {
    expect(() => assertSameLog(log, expected)).toThrow()
  })
})
