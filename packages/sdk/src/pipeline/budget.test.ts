import { getEventListeners } from 'node:events'
import { expect, it } from '@jest/globals'
import { beginBudget } from './budget.ts'

const abortOf = (signal: AbortSignal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }))

it('aborts when it is spent', async () => {
  const { signal } = beginBudget(1, undefined)
  const clock = setInterval(() => undefined, 1_000)

  expect(await abortOf(signal)).toMatchObject({ name: 'TimeoutError' })
  clearInterval(clock)
})

it('aborts when the caller gives up, for the caller’s reason, also before it begins', async () => {
  const caller = new AbortController()
  const { signal } = beginBudget(60_000, caller.signal)

  caller.abort('enough')

  expect(signal.reason).toBe('enough')
  expect(beginBudget(60_000, caller.signal).signal.reason).toBe('enough')
})

it('leaves nothing behind once it is over', () => {
  const caller = new AbortController()
  const { signal, end } = beginBudget(60_000, caller.signal)

  end()
  caller.abort('late')

  expect(signal.aborted).toBe(false)
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0)
})
