import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { PARAPET_TARGETS, ROWS } from '@parapet/conformance'

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/conformance.md'), 'utf8')
const lines = PAGE.split('\n')

describe('docs/conformance.md', () => {
  it('asks each row as it is', () => {
    const missing = ROWS.filter(
      ({ name, question, unit }) => !lines.includes(`| \`${name}\` | ${question} | ${unit} |`),
    )

    expect(missing.map(({ name }) => `${name}: npm run conformance writes it`)).toEqual([])
  })

  it('has a result of each of our targets, clean', () => {
    // A target that is newer than the page has no result there until the page is made again.
    const made = PARAPET_TARGETS.filter(({ name }) => PAGE.includes(`### ${name}\n`))
    expect(made.length).toBeGreaterThan(5)
    const missing = made.filter(
      ({ name }) =>
        !/^Clean in every row( that could be asked)?\.\n/.test(PAGE.split(`### ${name}\n\n`)[1] ?? ''),
    )

    expect(missing.map(({ name }) => `${name}: npm run conformance writes it`)).toEqual([])
  })
})
