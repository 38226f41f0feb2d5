import { APICallError, JSONParseError, LoadAPIKeyError, TypeValidationError } from '@ai-sdk/provider'
import { describe, expect, it } from '@jest/globals'
import { ParapetError } from '@parapet/sdk'
import { safeProviderError } from './provider-error.ts'

const CANARY = 'canary-3'
const apiError = (options: { statusCode?: number; responseBody?: string }) =>
  new APICallError({
    message: 'failed',
    url: 'https://example.com',
    requestBodyValues: {},
    isRetryable: true,
    ...options,
  })

/** Passes an error through, and tells whether it was kept back. */
function passed(error: unknown) {
  const keptBack: unknown[] = []
  return { error: safeProviderError(error, (original) => void keptBack.push(original)), keptBack }
}

describe('an error of the provider', () => {
  it.each([
    ['an abort', new DOMException('stop', 'AbortError')],
    ['one of ours', new ParapetError('PARAPET_RUNTIME_OVERLOADED', 'full')],
    ['a refusal of the API, body and all', apiError({ statusCode: 429, responseBody: 'slow down' })],
    ['a call that never arrived', apiError({})],
    ['a missing key', new LoadAPIKeyError({ message: 'no key' })],
  ])('passes as it is: %s', (_, error) => {
    expect(passed(error)).toEqual({ error, keptBack: [] })
    expect(passed(error).error).toBe(error)
  })

  it('loses a body that may be the answer, and can still be retried', () => {
    const { error } = passed(apiError({ statusCode: 200, responseBody: CANARY }))

    expect(APICallError.isInstance(error)).toBe(true)
    expect(error).toBeInstanceOf(APICallError)
    expect(error).toMatchObject({ isRetryable: true, statusCode: 200, message: 'failed' })
    expect(JSON.stringify(error)).not.toContain(CANARY)
    expect((error as APICallError).responseBody).toBeUndefined()
  })

  it.each([
    [
      'a text that is no JSON',
      new JSONParseError({ text: CANARY, cause: new Error(CANARY) }),
      'AI_JSONParseError',
    ],
    [
      'a value of another form',
      new TypeValidationError({ value: CANARY, cause: new Error('x') }),
      'AI_TypeValidationError',
    ],
    ['any other error', Object.assign(new Error(CANARY), { code: 'ECONNRESET' }), 'ECONNRESET'],
    ['an object', { type: 'overloaded_error', message: CANARY }, 'overloaded_error'],
    ['a text', CANARY, 'string'],
    ['an error with words for a name', Object.assign(new Error('x'), { name: `${CANARY} !` }), 'object'],
  ])('is kept back when it can hold the answer: %s', (_, original, kind) => {
    const { error, keptBack } = passed(original)

    expect(error).toMatchObject({
      code: 'PARAPET_ADAPTER_PROVIDER_FAILED',
      message: expect.stringContaining(kind),
    })
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(CANARY)
    expect((error as Error).cause).toBeUndefined()
    expect(keptBack).toEqual([original])
  })
})
