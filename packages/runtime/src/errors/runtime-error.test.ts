import { expect, test } from '@jest/globals'
import { fault, RUNTIME_ERRORS } from './codes.ts'
import { isRuntimeError } from './runtime-error.ts'

test('every code names its area, and its message ends as a sentence', () => {
  for (const code of Object.keys(RUNTIME_ERRORS)) expect(code).toMatch(/^PARAPET_(RUNTIME|MODEL)_[A-Z_]+$/)
  const error = fault('PARAPET_RUNTIME_OVERLOADED', { waiting: 4, maxQueue: 4 })

  expect(error).toMatchObject({ code: 'PARAPET_RUNTIME_OVERLOADED', retryable: true, name: 'RuntimeError' })
  expect(error.message).toMatch(/4 requests.*\.$/)
})

test('an error of another installed copy is recognised by its mark', () => {
  const foreign = Object.assign(new Error('x'), { code: 'PARAPET_X_Y', [Symbol.for('parapet.error')]: true })

  expect(isRuntimeError(fault('PARAPET_RUNTIME_CLOSED', {}))).toBe(true)
  expect(isRuntimeError(foreign)).toBe(true)
  expect(isRuntimeError(new Error('x'))).toBe(false)
})

test('a cause is kept, and absent where there is none', () => {
  const cause = new Error('why')

  expect(fault('PARAPET_RUNTIME_RUN_FAILED', { model: 'm' }, { cause }).cause).toBe(cause)
  expect('cause' in fault('PARAPET_RUNTIME_CLOSED', {})).toBe(false)
})
