import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { applyEdits } from './apply-edits.ts'

describe('applyEdits', () => {
  it('cuts the union of overlapping spans once', () => {
    const edits = [
      { start: 2, end: 5, replacement: '#' },
      { start: 4, end: 7, replacement: '*' },
    ]

    expect(applyEdits('0123456789', edits)).toBe('01#789')
  })

  it('gives the same text for a whole as for its stretches, one after another', () => {
    const edit = fc.record({ start: fc.nat(30), length: fc.integer({ min: 1, max: 8 }) })
    fc.assert(
      fc.property(
        fc.string({ minLength: 40, maxLength: 40 }),
        fc.array(edit),
        fc.array(fc.nat(40)),
        (text, given, cuts) => {
          const edits = given.map(({ start, length }) => ({ start, end: start + length, replacement: '#' }))
          const places = [0, ...[...cuts].sort((a, b) => a - b), 40]

          const stretches = places.slice(1).map((to, index) => applyEdits(text, edits, places[index], to))

          expect(stretches.join('')).toBe(applyEdits(text, edits))
        },
      ),
    )
  })

  it('leaves nothing of a cut span', () => {
    expect(applyEdits('key=SECRET end', [{ start: 4, end: 10, replacement: '' }])).toBe('key= end')
  })
})
