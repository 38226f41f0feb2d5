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
    const missing = PARAPET_TARGETS.filter(({ name, notApplicable }) => {
      const said = notApplicable ? 'Clean in every row that could be asked.' : 'Clean in every row.'
      return !PAGE.includes(`### ${name}\n\n${said}\n`)
    })

    expect(missing.map(({ name }) => `${name}: npm run conformance writes it`)).toEqual([])
  })
})
