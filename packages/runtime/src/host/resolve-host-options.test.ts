import { expect, test } from '@jest/globals'
import { DEFAULT_MODEL_HOST_OPTIONS, resolveHostOptions } from './resolve-host-options.ts'

test('what is not said is the default', () => {
  expect(resolveHostOptions()).toEqual(DEFAULT_MODEL_HOST_OPTIONS)
  expect(resolveHostOptions({ maxQueue: 3, threads: undefined as never })).toEqual({
    ...DEFAULT_MODEL_HOST_OPTIONS,
    maxQueue: 3,
  })
})

test.each([
  ['no queue', { maxQueue: 0 }, 'maxQueue'],
  ['half a thread', { threads: 0.5 }, 'threads'],
  ['fewer tokens than none', { sharedPrefillTokens: -1 }, 'sharedPrefillTokens'],
  ['a text for a number', { unresponsiveMs: '5' as never }, 'unresponsiveMs'],
  ['another isolation', { isolation: 'worker' as never }, 'isolation'],
  ['an option that is none', { queue: 4 } as never, 'queue'],
])('%s is refused by name', (_, options, option) => {
  expect(() => resolveHostOptions(options)).toThrow(
    expect.objectContaining({
      code: 'PARAPET_RUNTIME_OPTION_INVALID',
      message: expect.stringContaining(`"${option}"`),
    }),
  )
})
