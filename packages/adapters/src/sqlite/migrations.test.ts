import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { renderMigrations } from '../../sql/sqlite/write-migrations.mjs'
import { MIGRATIONS } from './migrations.ts'

describe('MIGRATIONS', () => {
  it('is what the SQL files say', () => {
    const committed = readFileSync(new URL('migrations.ts', import.meta.url), 'utf8')

    expect(committed).toBe(renderMigrations())
    expect(MIGRATIONS.length).toBeGreaterThan(0)
  })

  it('numbers its steps without gaps', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1))
  })
})
