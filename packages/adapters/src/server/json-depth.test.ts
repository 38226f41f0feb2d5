import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { jsonDepth } from './json-depth.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

it('counts the levels of any JSON, whatever stands in its strings', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(jsonDepth(JSON.stringify(value), 1_000)).toBe(depthOf(value))
    }),
  )
})

it('stops where there are too many', () => {
  expect(jsonDepth('['.repeat(1_000_000), 64)).toBe(65)
  expect(jsonDepth('{"a":"[[[[\\"[[[["}', 64)).toBe(1)
})
