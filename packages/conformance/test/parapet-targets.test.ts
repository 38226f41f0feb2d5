import { describe, expect, it } from '@jest/globals'
import { PARAPET_TARGETS, ROWS, type Target } from '@parapet/conformance'
import { findingsOf } from './findings-of.ts'

/** What does not apply to a target, by its own word: each is a row of the page that nobody may take for clean. */
const APART: Readonly<Record<string, readonly string[]>> = {
  'parapet/function': ['reasoning-leak', 'tool-call-leak', 'choice-leak'],
  'parapet/tools': ROWS.map(({ name }) => name).filter((name) => !/^tool-/.test(name)),
  'parapet/mcp': ROWS.map(({ name }) => name).filter((name) => !/^tool-/.test(name)),
}

describe('the targets of Parapet', () => {
  it.each(PARAPET_TARGETS.map((target) => [target.name, target] as const))(
    '%s is clean in every row that applies to it',
    async (name, target) => {
      const found = await findingsOf(target)

      const apart = found.filter(({ clean }) => clean === 'n/a').map(({ row }) => row)
      expect(found.filter(({ clean }) => clean === false)).toEqual([])
      expect(apart).toEqual(APART[name] ?? [])
      expect(found).toHaveLength(ROWS.length)
    },
    180_000,
  )

  it.each(['parapet/tools', 'parapet/mcp'])('%s leaks where its guard judges nothing', async (name) => {
    const target = PARAPET_TARGETS.find((listed) => listed.name === name) as Target
    const blind: Target = {
      ...target,
      open: (setup) =>
        target.open({
          ...setup,
          judge: {
            ...setup.judge,
            check: async (text) => ({ ...(await setup.judge.check(text)), score: 0 }),
          },
        }),
    }

    expect(await findingsOf(blind, ['tool-call-leak', 'tool-result-leak'])).toMatchObject([
      { value: 2, clean: false },
      { value: 2, clean: false },
    ])
  })
})
