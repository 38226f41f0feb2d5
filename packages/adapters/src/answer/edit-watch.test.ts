import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { EditWatch } from './edit-watch.ts'

describe('EditWatch', () => {
  it('hands on what is released unedited, and is settled at its end', () => {
    const watch = new EditWatch({ keepRest: true })
    watch.push('Hello, ')
    watch.push('world')

    expect(watch.release('Hello')).toBe('Hello')
    expect(watch.settled).toBe(false)
    expect(watch.release(', world')).toBe(', world')
    expect([watch.settled, watch.edited, watch.rest]).toEqual([true, false, ''])
  })

  it('stops at the first edit and keeps what follows', () => {
    const watch = new EditWatch({ keepRest: true })
    watch.push('key SECRET end')

    expect(watch.release('key [cut] e')).toBe('key ')
    expect(watch.release('nd')).toBe('')
    expect([watch.edited, watch.rest]).toEqual([true, '[cut] end'])
  })

  it('never ends within a surrogate pair', () => {
    const watch = new EditWatch({ keepRest: true })
    watch.push('a\u{1f600}')

    expect(watch.release('a\u{1f601}')).toBe('a')
    expect(watch.rest).toBe('\u{1f601}')
  })

  it('gives the same prefix and rest for every chunking', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '😀'), maxLength: 12 })
    fc.assert(
      fc.property(text, text, fc.nat(12), (pushed, released, cut) => {
        const once = new EditWatch({ keepRest: true })
        const twice = new EditWatch({ keepRest: true })
        once.push(pushed)
        for (const unit of pushed.split('')) twice.push(unit)
        const units = [...released]
        const place = units.slice(0, cut).join('').length

        const whole = once.release(released)
        const pieces = twice.release(released.slice(0, place)) + twice.release(released.slice(place))

        expect([pieces, twice.rest]).toEqual([whole, once.rest])
        expect(whole + once.rest).toBe(released)
      }),
    )
  })
})
