import { describe, expect, it } from '@jest/globals'
import { PARAPET_TARGETS, ROWS } from '@parapet/conformance'
import { findingsOf } from './findings-of.ts'

describe('the targets of Parapet', () => {
  it.each(PARAPET_TARGETS.map((target) => [target.name, target] as const))(
    '%s is clean in every row',
    async (_name, target) => {
      const found = await findingsOf(target)

      expect(found.filter(({ clean }) => clean !== true)).toEqual([])
      expect(found).toHaveLength(ROWS.length)
    },
    180_000,
  )
})
