import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseCsv, toCsvLine } from './csv.ts'

const SEED = Number(process.env['FAST_CHECK_SEED'] ?? 20_261_125)

describe('parseCsv', () => {
  it('reads back whatever was written, on the line it began', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '"', ',', '\n', '\r', '=', "'", '+', ';', '\t', '＝', 'é'),
    })
    const row = fc.array(cell, { minLength: 2, maxLength: 4 })

    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.constantFrom('\n', '\r\n'), (rows, end) => {
        const lines = rows.map((cells) => toCsvLine(cells) + end)
        const begun = lines.map((_, index) => lines.slice(0, index).join('').split('\n').length)

        expect(parseCsv(lines.join(''))).toEqual(rows.map((cells, index) => ({ line: begun[index], cells })))
      }),
      { seed: SEED },
    )
  })

  it('leaves blank lines out, and takes a last line without an end', () => {
    expect(parseCsv('a,b\n\n\r\nc,')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 4, cells: ['c', ''] },
    ])
  })

  it.each(['"open', 'a"b,c', '"a"b,c'])('takes nothing for granted of what is no CSV: %s', (text) => {
    expect(parseCsv(text)[0]?.cells[0]).toBe('\u0000')
  })

  it('reads a cell of many megabytes', () => {
    const text = 'x""'.repeat(2_000_000)

    expect(parseCsv(`"${text}",b`)[0]?.cells[0]).toHaveLength(4_000_000)
  })
})

describe('toCsvLine', () => {
  it('keeps spreadsheets from running a cell', () => {
    expect(toCsvLine(['=cmd()', '+1', '-1', '@x', '＝1', 'plain'])).toBe(
      `"'=cmd()","'+1","'-1","'@x","'＝1","plain"`,
    )
  })

  it('keeps them from it where a semicolon or a tab parts cells', () => {
    expect(toCsvLine(['x;=1+1', 'x\t@y', 'x\n-1'])).toBe(`"x;'=1+1","x\t'@y","x\n'-1"`)
  })

  it('keeps an apostrophe that was there', () => {
    const cells = ["'=a", "'", "''+b", "it's", "a;'=b"]

    expect(parseCsv(toCsvLine(cells))[0]?.cells).toEqual(cells)
  })
})
