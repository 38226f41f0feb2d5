import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const DOCS = join(import.meta.dirname, '../docs')
const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'))
const isRow = (line: string | undefined) => line?.startsWith('|') === true

/** Rows of a page that belong to no table: a table is a row, a line of dashes, and rows without a blank line between. */
function strayRows(text: string): string[] {
  const lines = text.split('\n')
  const opens = (line: string, i: number) => isRow(line) && !isRow(lines[i - 1])
  return lines.filter((line, i) => opens(line, i) && !/^\|[\s:|-]+$/.test(lines[i + 1] ?? ''))
}

test('a row behind a blank line is found', () => {
  const table = '| a | b |\n| --- | --- |\n| 1 | 2 |\n'

  expect(strayRows(table)).toEqual([])
  expect(strayRows(`${table}\n| 3 | 4 |\n`)).toEqual(['| 3 | 4 |'])
})

test('every row in docs stands in its table', () => {
  expect(pages.length).toBeGreaterThan(20)
  const stray = pages.flatMap((path) =>
    strayRows(readFileSync(join(DOCS, path), 'utf8')).map((row) => `${path}: ${row}`),
  )

  expect(stray).toEqual([])
})
