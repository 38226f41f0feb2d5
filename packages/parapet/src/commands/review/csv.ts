/** What an export has, and what an import reads of it: the first five and `tenant`. */
export const CSV_COLUMNS = [
  'id',
  'contentDigest',
  'outcome',
  'reason',
  'reviewer',
  'tenant',
  'team',
  'kind',
  'state',
  'policy',
  'rules',
  'probability',
  'createdAt',
  'decidedAt',
] as const

/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/

/** A line of CSV (RFC 4180). What a spreadsheet would run gets an apostrophe, which `parseCsv` takes off. */
export function toCsvLine(cells: readonly string[]): string {
  return cells
    .map((cell) => (FORMULA.test(cell) ? `'${cell}` : cell))
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',')
}

/** The rows of a CSV text (RFC 4180), each with the number of the line it begins on; blank lines are left out. */
export function parseCsv(text: string): { readonly line: number; readonly cells: readonly string[] }[] {
  const rows: { line: number; cells: string[] }[] = []
  let cells: string[] = []
  let [line, begun] = [1, 1]
  // One cell and what ends it: quoted, with its quotes doubled, or plain.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  while (cell.lastIndex < text.length) {
    const [whole, quoted, plain = '', end = ''] = cell.exec(text) ?? []
    // Not CSV from here on: the rest is one cell, which no check will take.
    if (whole === undefined) return [...rows, { line: begun, cells: [...cells, '\u0000'] }]
    const value = quoted === undefined ? plain : quoted.replaceAll('""', '"')
    cells.push(/^'[=+\-@\t\r]/.test(value) ? value.slice(1) : value)
    line += whole.split('\n').length - 1
    if (end === ',' && cell.lastIndex < text.length) continue
    if (end === ',') cells.push('')
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: begun, cells })
    cells = []
    begun = line
  }
  return rows
}
