import { getEventListeners } from 'node:events'
import { expect, it } from '@jest/globals'
import { linkedAbort } from './linked-abort.ts'

it('aborts with the first of its sources, or by itself', () => {
  const [one, two] = [new AbortController(), new AbortController()]
  const linked = linkedAbort(one.signal, two.signal)
  const own = linkedAbort(one.signal)

  own.abort('own')
  two.abort('two')
  one.abort('one')

  expect(linked.signal.reason).toBe('two')
  expect(own.signal.reason).toBe('own')
  expect(linkedAbort(one.signal).signal.reason).toBe('one')
})

it('leaves nothing behind', () => {
  const source = new AbortController()
  const linked = linkedAbort(source.signal)
  expect(getEventListeners(source.signal, 'abort')).toHaveLength(1)

  linked.unlink()
  source.abort()

  expect(getEventListeners(source.signal, 'abort')).toHaveLength(0)
  expect(linked.signal.aborted).toBe(false)
})
