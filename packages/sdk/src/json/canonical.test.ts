import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { SEED } from '../testing/seed.ts'
import { canonicalJson, MAX_JSON_DEPTH } from './canonical.ts'

const wellFormed = fc
  .jsonValue({ noUnicodeString: false })
  .filter((value) => !/\\ud[89a-f]/i.test(JSON.stringify(value)))

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  )
}

describe('canonicalJson', () => {
  it('sorts members by UTF-16 units and writes numbers as RFC 8785 does', () => {
    // The example of RFC 8785, section 3.2.2.
    const value = {
      // biome-ignore lint/correctness/noPrecisionLoss: the RFC's own example
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
      literals: [null, true, false],
    }

    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
    // Section 3.2.3: U+FB33 sorts after the surrogate pair, because UTF-16 units are compared.
    expect(
      Object.keys(
        JSON.parse(canonicalJson({ '\ufb33': 1, '\ud83d\ude00': 2, '\u00f6': 3, '1': 4, '\r': 5 })),
      ),
    ).toEqual(['1', '\r', '\u00f6', '\ud83d\ude00', '\ufb33'])
  })

  it('is the same for every order of members and reads back as the same value', () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(shuffled(value))).toBe(text)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { seed: SEED },
    )
  })

  it('tells apart what JSON tells apart', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (left, right) => {
        const same = JSON.stringify(shuffledSort(left)) === JSON.stringify(shuffledSort(right))
        expect(canonicalJson(left) === canonicalJson(right)).toBe(same)
      }),
      { seed: SEED },
    )
  })

  it('takes a member that is undefined as absent', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
    expect(canonicalJson(-0)).toBe('0')
  })

  it.each([
    ['NaN', { a: [Number.NaN] }],
    ['infinity', Number.POSITIVE_INFINITY],
    ['undefined alone', undefined],
    ['undefined in an array', [undefined]],
    ['a hole in an array', new Array(1)],
    ['a bigint', { a: 1n }],
    ['a function', { a: () => 1 }],
    ['a symbol', [Symbol('s')]],
    ['a lone surrogate', ['x\ud800y']],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['a date', { at: new Date(0) }],
    ['a map', new Map([['a', 1]])],
    ['toJSON', { toJSON: () => 'other' }],
    ['boxed text', [Object('canary')]],
  ])('refuses %s', (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'PARAPET_JSON_NOT_JSON' }))
  })

  it('refuses what refers to itself and what is nested too deep', () => {
    const cycle: unknown[] = []
    cycle.push(cycle, cycle)
    let deep: unknown = 1
    for (let level = 0; level <= MAX_JSON_DEPTH; level++) deep = [deep]

    for (const value of [cycle, deep]) {
      expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'PARAPET_JSON_TOO_DEEP' }))
    }
  })

  it('names no part of the value in an error', () => {
    const canary = 'canary-4711'
    const values = [
      { [canary]: Number.NaN },
      [`${canary}\ud800`],
      { [canary]: new Date(0) },
      { [`${canary}\udc00`]: 1 },
    ]

    for (const value of values) {
      expect(() => canonicalJson(value)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining(canary) }),
      )
    }
  })
})

/** Sorts members by an independent path (the default order of `sort` is by UTF-16 units). */
function shuffledSort(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffledSort)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [`k${key}`, shuffledSort(member)])
    .concat([['o', 'object']])
}
