import { expect, it } from '@jest/globals'
import { ParapetError } from '@parapet/sdk'
import { keptBackError } from './kept-back-error.ts'

const CANARY = 'canary-17'

it.each([
  [Object.assign(new Error(CANARY), { code: 'ECONNRESET' }), 'ECONNRESET'],
  [Object.assign(new TypeError(CANARY), { code: `${CANARY}!` }), 'TypeError'],
  [CANARY, 'string'],
  [undefined, 'undefined'],
  [{ type: 'overloaded_error', message: CANARY }, 'overloaded_error'],
])('keeps %p back, gives it to the listener, and names its kind', (error, kind) => {
  const heard: unknown[] = []

  const safe = keptBackError(error, (each) => void heard.push(each))

  expect(safe).toMatchObject({ code: 'PARAPET_ADAPTER_PROVIDER_FAILED' })
  expect(String(safe)).toContain(`(${kind})`)
  expect(String(safe)).not.toContain(CANARY)
  expect(heard).toEqual([error])
})

it('passes aborts and errors of Parapet as they are, to the caller alone', () => {
  const heard: unknown[] = []
  const errors = [
    new DOMException('gone', 'AbortError'),
    { name: 'TimeoutError' },
    new ParapetError('PARAPET_GATE_CLOSED', 'closed'),
  ]

  for (const error of errors) expect(keptBackError(error, (each) => void heard.push(each))).toBe(error)
  expect(heard).toEqual([])
})

it('is not thrown off by a listener that fails', () => {
  const fails = () => {
    throw new Error('a listener that fails')
  }

  expect(keptBackError(new Error(CANARY), fails)).toMatchObject({ code: 'PARAPET_ADAPTER_PROVIDER_FAILED' })
})
