import { expect, it } from '@jest/globals'
import { decisionOf, isGuardMessage } from './decision-of.ts'

const parapet = { decisionId: 'd', ticket: 't' }

it.each([
  ['a message', { parapet }],
  ['a message put together from a stream', { stop_details: { parapet } }],
  ['the end of a stream', { delta: { stop_details: { parapet } } }],
])('finds the decision in %s', (_, value) => {
  expect(decisionOf(value)).toEqual(parapet)
})

it.each([[{}], [{ parapet: 1 }], [{ parapet: { decisionId: 1 } }], [[]], [{ stop_details: null }]])(
  'finds none in %j',
  (value) => {
    expect(decisionOf(value)).toBeUndefined()
    expect(isGuardMessage(value)).toBe(false)
  },
)
