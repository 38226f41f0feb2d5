import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { chunks } from '../../test/properties/chunks.ts'
import { isVisible } from './visible.ts'
import { createWindower, windowsOf } from './windows.ts'

const text = fc.string({
  unit: fc.constantFrom('a', 'é', '\u200b', '\u0301', '😀', '\ud83d', '\n'),
  maxLength: 200,
})
const sizes = fc.integer({ min: 2, max: 40 })

describe('windows', () => {
  it('stand in the same places for every chunking', () => {
    fc.assert(
      fc.property(text, sizes, fc.array(fc.nat(), { maxLength: 20 }), (whole, size, cuts) => {
        const windower = createWindower(size)

        const windows = chunks(whole, cuts).flatMap((chunk) => windower.add(chunk))
        const last = windower.end()

        expect(last ? [...windows, last] : windows).toEqual(windowsOf(whole, size))
      }),
    )
  })

  it('cover the text, release it in order, and release nothing that no window holds', () => {
    fc.assert(
      fc.property(text, sizes, (whole, size) => {
        let released = 0
        let covered = 0
        for (const window of windowsOf(whole, size)) {
          expect(window.start).toBeLessThanOrEqual(covered)
          covered = Math.max(covered, window.end)
          expect(window.releaseTo).toBeGreaterThanOrEqual(released)
          released = window.releaseTo
          expect(released).toBeLessThanOrEqual(covered)
        }
        expect(released).toBe(whole.length)
      }),
    )
  })

  it('hold every span of half a window whole, in a window that is judged before any of it is released', () => {
    fc.assert(
      fc.property(text, sizes, fc.nat(), fc.nat(), (whole, size, from, length) => {
        fc.pre(whole.length > 0)
        const start = from % whole.length
        let end = start
        let visible = 0
        while (
          end < whole.length &&
          visible + Number(isVisible(whole.charCodeAt(end))) <= Math.min(Math.floor(size / 2), length)
        ) {
          visible += Number(isVisible(whole.charCodeAt(end)))
          end++
        }
        fc.pre(end > start)
        const windows = windowsOf(whole, size)

        const holding = windows.findIndex((window) => window.start <= start && end <= window.end)
        const releasing = windows.findIndex((window) => window.releaseTo > start)

        expect(holding).toBeGreaterThanOrEqual(0)
        expect(releasing).toBeGreaterThanOrEqual(holding)
      }),
    )
  })

  it('count what can be seen, so that padding does not stretch a span over two windows', () => {
    const padded = [...'0123456789'].join('\u200b\u200b\u200b')

    const windows = windowsOf(padded, 20)

    expect(windows).toEqual([{ start: 0, end: padded.length, releaseTo: padded.length }])
  })

  it('end where a cell is padded beyond its bound', () => {
    const windower = createWindower(4)

    windower.add(`a${'\u200b'.repeat(100)}`)

    expect(windower.overflowed).toBe(true)
  })
})
