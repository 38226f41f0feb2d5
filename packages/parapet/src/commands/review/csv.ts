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

/**
 * Before what a spreadsheet would take for a formula: at a cell's start, and behind what is a separator in some locale, where
 * the quotes may not hold. Wide forms are read as formulas, too. An apostrophe of the text's own gets one more.
 */
const BEFORE_FORMULA = /(?<=^|[;\t\r\n])(?=[=+\-@\t\r＝＋－＠'])/g
const GUARDED_FORMULA = /(?<=^|[;\t\r\n])'(?=[=+\-@\t\r＝＋－＠'])/g

/** A line of CSV (RFC 4180), each cell in quotes. What a spreadsheet would run gets an apostrophe, which `parseCsv` takes off. */
export function toCsvLine(cells: readonly string[]): string {
  return cells
    .map((cell) => cell.replace(BEFORE_FORMULA, "'"))
    .map((cell) => `"${cell.replaceAll('"', '""')}"`)
    .join(',')
}

/** A row, and the number of the line it begins on. */
interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** A cell that no check will take: what stands there is no CSV. */
const BROKEN = '\u0000'

/** The rows of a CSV text (RFC 4180); blank lines are left out. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = []
  let [at, line] = [0, 1]
  while (at < text.length) {
    const begun = line
    const cells: string[] = []
    for (let isOver = false; !isOver; ) {
      const cell = readCell(text, at)
      cells.push(cell.value.replace(GUARDED_FORMULA, ''))
      line += cell.lines
      isOver = text[cell.end] !== ','
      at = cell.end + 1
      if (isOver && text[cell.end] === '\n') line += 1
    }
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: begun, cells })
  }
  return rows
}

/** The cell at an offset, and where the comma, the line's end or the text's end behind it stands. */
function readCell(
  text: string,
  start: number,
): { readonly value: string; readonly end: number; readonly lines: number } {
  if (text[start] !== '"') {
    const end = endOfPlain(text, start)
    const value = text.slice(start, end).replace(/\r$/, '')
    return { value: value.includes('"') ? BROKEN : value, end, lines: 0 }
  }
  let close = text.indexOf('"', start + 1)
  while (close !== -1 && text[close + 1] === '"') close = text.indexOf('"', close + 2)
  // Never closed: the rest is one cell.
  if (close === -1) return { value: BROKEN, end: text.length, lines: 0 }
  const quoted = text.slice(start + 1, close)
  const end = endOfPlain(text, close + 1)
  const between = text.slice(close + 1, end).replace(/\r$/, '')
  const value = between === '' ? quoted.replaceAll('""', '"') : BROKEN
  return { value, end, lines: quoted.split('\n').length - 1 }
}

function endOfPlain(text: string, start: number): number {
  const end = /[,\n]/g
  end.lastIndex = start
  return end.exec(text)?.index ?? text.length
}
