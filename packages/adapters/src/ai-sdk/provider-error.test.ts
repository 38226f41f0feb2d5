import { inspect } from 'node:util'
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
    ['a call that never arrived', apiError({})],
    ['a missing key', new LoadAPIKeyError({ message: 'no key' })],
  ])('passes as it is: %s', (_, error) => {
    expect(passed(error)).toEqual({ error, keptBack: [] })
    expect(passed(error).error).toBe(error)
  })

  it.each([200, 400, 429, 500])(
    'keeps status and retries, and none of the provider’s words: %s',
    (statusCode) => {
      const body = {
        error: { message: CANARY, type: 'rate_limit_error', code: 7, failed_generation: `${CANARY} x` },
      }
      const original = new APICallError({
        message: `${CANARY}\n    at ${CANARY}`,
        url: 'https://example.com',
        requestBodyValues: { prompt: CANARY },
        statusCode,
        responseHeaders: { 'retry-after-ms': '1', 'x-request-id': 'r1', 'x-said': CANARY },
        responseBody: JSON.stringify(body),
        data: body,
        cause: new Error(CANARY),
        isRetryable: true,
      })

      const { error, keptBack } = passed(original)

      expect(APICallError.isInstance(error)).toBe(true)
      expect(error).toBeInstanceOf(APICallError)
      expect(error).toMatchObject({
        name: 'AI_APICallError',
        isRetryable: true,
        statusCode,
        responseHeaders: { 'retry-after-ms': '1', 'x-request-id': 'r1' },
        data: { error: { type: 'rate_limit_error', code: 7 } },
        message: expect.stringContaining(String(statusCode)),
      })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(CANARY)
      expect(keptBack).toEqual([original])
    },
  )

  it('reads type and code from the body where no data was parsed, in plain forms alone', () => {
    const responseBody = JSON.stringify({ error: { type: `${CANARY} says`, code: 'too_long' } })

    const { error } = passed(apiError({ statusCode: 400, responseBody }))

    expect(error).toMatchObject({ data: { error: { code: 'too_long' } } })
    expect(inspect(error, { depth: 9 })).not.toContain(CANARY)
  })

  it('leaves a call that never arrived the network’s message', () => {
    const original = new APICallError({
      message: 'Cannot connect to API',
      url: 'https://example.com',
      requestBodyValues: {},
      cause: new Error(CANARY),
      isRetryable: true,
    })

    const { error } = passed(original)

    expect(error).toMatchObject({ message: 'Cannot connect to API', isRetryable: true })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(CANARY)
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
