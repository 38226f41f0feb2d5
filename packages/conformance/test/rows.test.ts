import { describe, expect, it } from '@jest/globals'
import { ROWS } from '@parapet/conformance'
import { findingsOf } from './findings-of.ts'
import { TOY_FAULTS, type ToyFault, toyGuard } from './toy-guard.ts'

/** Thousands of small pieces take a while where few cores are free. */
const LONG_MS = 180_000
const FAULTS = Object.keys(TOY_FAULTS) as ToyFault[]

describe('the rows', () => {
  it('each have a guard that does wrong', () => {
    expect(ROWS.map(({ name }) => name)).toEqual(FAULTS)
  })

  it.each(FAULTS.map((fault) => [fault, TOY_FAULTS[fault]] as const))(
    '%s finds a guard that %s',
    async (fault) => {
      const [finding] = await findingsOf(toyGuard(fault), [fault])

      expect(finding).toMatchObject({ row: fault, clean: false })
      expect(finding?.value).toBeGreaterThan(0)
    },
    LONG_MS,
  )

  it(
    'are all clean for a guard that does right',
    async () => {
      const found = await findingsOf(toyGuard())

      expect(found.filter(({ clean }) => clean !== true)).toEqual([])
      expect(found).toHaveLength(ROWS.length)
    },
    LONG_MS,
  )
})
