import { describe, expect, test } from '@jest/globals'
import { isParapetError } from '@parapet/sdk'
import fc from 'fast-check'
import { growthRatio } from '../../test/growth-ratio.ts'
import type { Pattern } from './pattern.ts'
import { patterns } from './patterns.ts'

const codeName: Pattern<'code-name'> = { label: 'code-name', regex: /\bproject-[a-z]+/i, maxCharacters: 40 }

async function find(text: string, ...list: readonly Pattern[]) {
  const { measure } = await patterns({ id: 'mine', version: '1', patterns: list }).load()
  const subject = { stage: 'input', text, conversation: [], language: undefined } as const
  const measured = await measure(subject, { signal: new AbortController().signal })
  if (measured.kind !== 'scored') throw new Error('not scored')
  return { scores: measured.scores, spans: measured.spans ?? [] }
}

async function foundIn(text: string, ...list: readonly Pattern[]): Promise<string[]> {
  return (await find(text, ...list)).spans.map(({ start, end }) => text.slice(start, end))
}

/** The code of the error that a definition throws. */
function codeOf(define: () => unknown): string {
  try {
    define()
  } catch (error) {
    return isParapetError(error) ? error.code : String(error)
  }
  return 'no error'
}

describe('a regular expression', () => {
  test('scores 1 where it matches, 0 where it does not, and gives the place', async () => {
    const other: Pattern = { label: 'ticket', regex: /[A-Z]{2}-\d{4}/, maxCharacters: 7 }

    expect(await find('see Project-Alpha 😀 and project-beta', codeName, other)).toEqual({
      scores: { 'code-name': 1, ticket: 0 },
      spans: [
        { label: 'code-name', start: 4, end: 17 },
        { label: 'code-name', start: 25, end: 37 },
      ],
    })
  })

  test('finds the same as JavaScript does, wherever blocks begin', async () => {
    const regex = /\b[a-z]{2,5}\d{1,3}\b|é+/
    const text = fc
      .array(
        fc.oneof(fc.constantFrom('ab1', 'xyz22', ' ', 'é', '😀', '_', '1'), fc.constant('x'.repeat(997))),
        {
          maxLength: 40,
        },
      )
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        const expected = Array.from(input.matchAll(new RegExp(regex.source, 'g')), (match) => match[0])

        expect(await foundIn(input, { label: 'x', regex, maxCharacters: 64 })).toEqual(
          expected.filter((m) => m.length <= 64),
        )
      }),
    )
  })

  test('sees the text and not the block at its ends', async () => {
    const text = `a${'b'.repeat(5_000)}c`

    expect(await foundIn(text, { label: 'x', regex: /^b|b$|\bb|b\b/, maxCharacters: 3 })).toEqual([])
    expect(await foundIn(text, { label: 'x', regex: /^a|c$/, maxCharacters: 3 })).toEqual(['a', 'c'])
  })

  test('gives a match that is longer than declared in pieces that cover it', async () => {
    const text = `x ${'9'.repeat(5_001)} y`
    const { spans } = await find(text, { label: 'digits', regex: /\d+/, maxCharacters: 1_000 })

    expect(spans.map(({ start, end }) => end - start)).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 1])
    expect([spans[0]?.start, spans.at(-1)?.end]).toEqual([2, 5_003])
  })

  test('ignores empty matches', async () => {
    expect(await foundIn('abc', { label: 'x', regex: /z*/, maxCharacters: 3 })).toEqual([])
  })

  test('asks "validate" about each match', async () => {
    const even: Pattern = {
      label: 'even',
      regex: /\d+/,
      maxCharacters: 9,
      validate: (found) => Number(found) % 2 === 0,
    }

    expect(await foundIn('12 13 14', even)).toEqual(['12', '14'])
  })
})

describe('terms', () => {
  test('are found as whole words in any case, overlapping ones as well', async () => {
    const text = 'The Blue Heron flies; BLUEHERON and blueherons do not. Heron!'

    expect(await foundIn(text, { label: 'bird', terms: ['blue heron', 'heron', 'blueheron'] })).toEqual([
      'Blue Heron',
      'Heron',
      'BLUEHERON',
      'Heron',
    ])
  })

  test('can be parts of words, and exact in case', async () => {
    expect(
      await foundIn('aBc ABC', { label: 'x', terms: ['B'], wholeWords: false, ignoreCase: false }),
    ).toEqual(['B', 'B'])
  })

  test('are normalised as texts are', async () => {
    expect(await foundIn('café', { label: 'x', terms: ['ｃａｆｅ\u0301'] })).toEqual(['café'])
  })

  test('that begin or end with a sign stand beside anything', async () => {
    expect(await foundIn('use c++17 and .net', { label: 'x', terms: ['c++', '.net'] })).toEqual([
      'c++',
      '.net',
    ])
  })
})

describe('a function', () => {
  test('gives the ranges', async () => {
    const find: Pattern = { label: 'first', find: () => [{ start: 0, end: 2 }], maxCharacters: 2 }

    expect(await foundIn('abc', find)).toEqual(['ab'])
  })

  test.each([
    ['outside the text', [{ start: 0, end: 9 }]],
    ['empty', [{ start: 1, end: 1 }]],
    ['too long', [{ start: 0, end: 3 }]],
    ['not whole', [{ start: 0.5, end: 1 }]],
  ])('that gives a range %s fails', async (_, ranges) => {
    await expect(foundIn('abc', { label: 'x', find: () => ranges, maxCharacters: 2 })).rejects.toMatchObject({
      code: 'PARAPET_DETECTOR_MATCH_INVALID',
    })
  })
})

describe('the definition', () => {
  test('names each label once, and the longest match', () => {
    const { descriptor } = patterns({
      id: 'mine',
      version: '1',
      patterns: [codeName, { ...codeName, maxCharacters: 50 }],
    })

    expect(descriptor).toMatchObject({
      id: 'mine',
      labels: ['code-name'],
      maxSpanCharacters: 50,
      tier: 'pattern',
    })
  })

  test.each<[string, object]>([
    ['look-ahead', { regex: /a(?=b)/ }],
    ['look-behind', { regex: /(?<=a)b/ }],
    ['a back-reference', { regex: /(a)\1/ }],
    ['the flag y', { regex: /a/y }],
    ['an expression that is a text', { regex: 'a' }],
    ['no length', { regex: /a/, maxCharacters: undefined }],
    ['a length of zero', { regex: /a/, maxCharacters: 0 }],
    ['two sorts', { regex: /a/, terms: ['a'] }],
    ['no sort', {}],
    ['no terms', { terms: [], maxCharacters: undefined }],
    ['an empty label', { regex: /a/, label: '' }],
    ['an unknown field', { regex: /a/, maxChars: 3 }],
  ])('with %s is refused', (_, fields) => {
    const pattern = { label: 'x', maxCharacters: 5, ...fields } as Pattern

    expect(codeOf(() => patterns({ id: 'mine', version: '1', patterns: [pattern] }))).toBe(
      'PARAPET_DETECTOR_PATTERN_INVALID',
    )
  })

  test.each<[string, object]>([
    ['a bad id', { id: 'My Patterns' }],
    ['no version', { version: '' }],
    ['no patterns', { patterns: [] }],
    ['an unknown option', { pattern: [] }],
  ])('with %s is refused', (_, fields) => {
    const options = { id: 'mine', version: '1', patterns: [codeName], ...fields }

    expect(codeOf(() => patterns(options))).toBe('PARAPET_DETECTOR_OPTION_INVALID')
  })

  test('and its digest change with the pattern, the version and the check', async () => {
    const digestOf = async (version: string, pattern: Pattern) =>
      (await patterns({ id: 'mine', version, patterns: [pattern] }).load()).digest
    const digests = await Promise.all([
      digestOf('1', codeName),
      digestOf('2', codeName),
      digestOf('1', { ...codeName, regex: /b/ }),
      digestOf('1', { ...codeName, validate: (found) => found !== '' }),
    ])

    expect(new Set(digests).size).toBe(4)
    expect(await digestOf('1', codeName)).toBe(digests[0])
  })
})

test('a measurement that is taken back stops', async () => {
  const { measure } = await patterns({ id: 'mine', version: '1', patterns: [codeName] }).load()
  const subject = {
    stage: 'input',
    text: 'project-x '.repeat(150_000),
    conversation: [],
    language: undefined,
  } as const
  const controller = new AbortController()
  const measuring = measure(subject, { signal: controller.signal })
  setTimeout(() => controller.abort(), 10)

  await expect(measuring).rejects.toMatchObject({ code: 'PARAPET_DETECTOR_ABORTED' })
})

test.each([
  ['lazy search for what never comes', /a.*?c|a/, 'a'],
  ['nested repetition', /(?:a+)+b/, 'a'],
  ['alternatives that overlap', /(?:a|aa)+$/, 'a'],
  ['many optional parts', /a?a?a?a?a?a?a?a?aaaaaaaa/, 'a'],
  ['matches longer than declared', /\w+/, 'a'],
])('%s costs in proportion to the text', async (_, regex, unit) => {
  const pattern: Pattern = { label: 'x', regex, maxCharacters: 32 }

  // Linear is 8, the square is 64.
  expect(await growthRatio((length) => find(unit.repeat(length), pattern), 2_000)).toBeLessThan(24)
})
