import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { TermAutomaton } from './term-automaton.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é', '😀'), minLength: 1, maxLength: 4 })

test('finds every occurrence of every term, and nothing else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 8 }), fc.array(word), (terms, parts) => {
      const text = parts.join('')
      const expected = terms.flatMap((term) =>
        Array.from(text, (_, index) => index).flatMap(() => occurrences(text, term)),
      )

      const found = [...new TermAutomaton(terms, { ignoreCase: false }).find(text)]
      const ranges = found.flatMap((range) => (range ? [`${range.start} ${range.end}`] : []))

      expect(new Set(ranges)).toEqual(new Set(expected))
      expect(ranges.length).toBe(new Set(ranges).size)
    }),
  )
})

function occurrences(text: string, term: string): string[] {
  const found: string[] = []
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1))
    found.push(`${at} ${at + term.length}`)
  return found
}

test('folds case without moving offsets', () => {
  const automaton = new TermAutomaton(['straße', 'ÉCOLE'], { ignoreCase: true })

  expect([...automaton.find('İ STRAßE école')]).toEqual([
    { start: 2, end: 8 },
    { start: 9, end: 14 },
  ])
})
