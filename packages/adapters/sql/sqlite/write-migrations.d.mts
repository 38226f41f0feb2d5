/** The text of src/<dialect>/migrations.ts, for the folder of a dialect: this one unless another is named. */
export function renderMigrations(folder?: string): string
