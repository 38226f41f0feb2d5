import { expect, test } from '@jest/globals'
import { checkCoverage } from './check-coverage.ts'

const coverage = { languages: ['en', 'de'], maxTokens: 512 }
const options = { maxTokens: undefined, languages: ['en'] }

test('without a limit of its own a detector reads what its weights cover', () => {
  expect(checkCoverage('toxicity', options, 'tiny', coverage)).toBe(512)
})

test('a lower limit holds', () => {
  expect(checkCoverage('toxicity', { ...options, maxTokens: 64 }, 'tiny', coverage)).toBe(64)
})

test.each([
  [{ ...options, maxTokens: 513 }, 'calibrated for up to 512 tokens'],
  [{ ...options, languages: ['en', 'fr'] }, 'calibrated for en, de'],
])('claiming more than the weights cover is an error: %j', (claimed, message) => {
  expect(() => checkCoverage('toxicity', claimed, 'tiny', coverage)).toThrow(
    expect.objectContaining({
      code: 'PARAPET_DETECTOR_COVERAGE_EXCEEDED',
      message: expect.stringContaining(message),
    }),
  )
})
