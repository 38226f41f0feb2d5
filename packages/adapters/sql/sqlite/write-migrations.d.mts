/** The text of src/sqlite/migrations.ts. */
export function renderMigrations(): string
