import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { renderMigrations } from '../../sql/sqlite/write-migrations.mjs'
import { MIGRATIONS } from './migrations.ts'

describe('MIGRATIONS', () => {
  it('is what the SQL files say', () => {
    const committed = readFileSync(new URL('migrations.ts', import.meta.url), 'utf8')
    const folder = new URL('../../sql/postgres', import.meta.url).pathname

    expect(committed).toBe(renderMigrations(folder))
    expect(MIGRATIONS.length).toBeGreaterThan(0)
  })
})
