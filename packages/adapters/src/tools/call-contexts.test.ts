import { expect, it } from '@jest/globals'
import { createCallContexts } from './call-contexts.ts'

const call = (toolCallId: unknown, input: unknown = {}) => ({ toolCallId, input })

it('recalls a call by its id, also where its arguments were copied', () => {
  const contexts = createCallContexts()
  contexts.remember(call('c1'), { tenant: 'acme' })

  expect(contexts.recall(call('c1'))).toEqual({ tenant: 'acme' })
  expect(contexts.recall(call('c2'))).toBeUndefined()
  expect(contexts.recall(call(undefined))).toBeUndefined()
})

it('tells calls of one id apart by their arguments, and takes neither where it cannot', () => {
  const contexts = createCallContexts()
  const [ours, theirs] = [call('c1'), call('c1')]
  contexts.remember(ours, { tenant: 'acme' })
  contexts.remember(theirs, { tenant: 'other' })

  expect(contexts.recall(ours)).toEqual({ tenant: 'acme' })
  expect(contexts.recall(theirs)).toEqual({ tenant: 'other' })
  expect(contexts.recall(call('c1'))).toBeUndefined()
})

it('keeps so many calls, the last', () => {
  const contexts = createCallContexts(2)
  for (const id of ['c1', 'c2', 'c3']) contexts.remember(call(id), { tenant: id })

  expect(['c1', 'c2', 'c3'].map((id) => contexts.recall(call(id))?.tenant)).toEqual([undefined, 'c2', 'c3'])
})
