// Compiles the numbered SQL files of this folder into src/postgres/migrations.ts. Run it after adding a file:
//   node packages/adapters/sql/postgres/write-migrations.mjs
import { writeFileSync } from 'node:fs'
import { renderMigrations } from '../sqlite/write-migrations.mjs'

writeFileSync(
  new URL('../../src/postgres/migrations.ts', import.meta.url),
  renderMigrations(import.meta.dirname),
)
