import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isIgnorable } from './ignorable.ts'
import { normalizeText } from './normalize.ts'

const normal = (text: string): string => normalizeText(text).text

/** What of `original` the part `found` of the normalised text came from. */
function cut(original: string, found: string): string {
  const { text, toOriginal } = normalizeText(original)
  const at = text.indexOf(found)
  expect(at).toBeGreaterThanOrEqual(0)
  const { start, end } = toOriginal(at, at + found.length)
  return original.slice(start, end)
}

const TAGS = (text: string): string =>
  Array.from(text, (c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('')

const SELECTORS = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) =>
    String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16),
  ).join('')

describe('what becomes of a text', () => {
  test.each([
    ['full-width letters become ASCII', 'ｉｇｎｏｒｅ　ｔｈｉｓ', 'ignore this'],
    ['mathematical letters become ASCII', '𝐢𝐠𝐧𝐨𝐫𝐞 𝕥𝕙𝕚𝕤', 'ignore this'],
    ['a ligature is taken apart', 'ﬁle', 'file'],
    ['marks are composed', 'cafe\u0301', 'café'],
    ['Hangul syllables are composed', '\u1112\u1161\u11ab', '한'],
    ['zero-width characters go', 'ig\u200bno\u200d\u2060re\ufeff', 'ignore'],
    ['soft hyphens go', 'ig\u00adnore', 'ignore'],
    ['bidi controls go', '\u202eerongi\u202c', 'erongi'],
    ['NUL and other controls go, whitespace stays', 'a\0b\u001b\tc\r\n d', 'ab\tc\r\n d'],
    ['a lone surrogate becomes U+FFFD', 'a\ud83db', 'a\ufffdb'],
    ['percent escapes are decoded', '%69gnore%20this', 'ignore this'],
    ['UTF-8 percent escapes are decoded', 'caf%C3%A9', 'café'],
    ['escapes that were escaped are decoded', '%252569gnore', 'ignore'],
    ['an escape whose digits are escaped is decoded', '%%36%39', 'i'],
    ['entities are decoded', '&lt;b&gt; &#105;gnore &#x74;his', '<b> ignore this'],
    ['entities that were escaped are decoded', '&amp;amp;lt;', '<'],
    ['an escape of an invisible character goes', 'ig%E2%80%8Bno&#8203;re', 'ignore'],
    ['an escape made of full-width characters is decoded', '％６９gnore', 'ignore'],
    ['an escape with an invisible character in it is decoded', '%6\u200b9gnore', 'ignore'],
    ['an entity with a Cyrillic letter in its name is decoded', '&\u0430mp;', '&'],
    ['Cyrillic letters inside a Latin word are folded', 'p\u0430yp\u0430l', 'paypal'],
    ['Greek letters inside a Latin word are folded', 'ign\u03bfre', 'ignore'],
    ['an accent on a folded letter stays', 'caf\u0435\u0301', 'café'],
  ])('%s', (_, original, expected) => {
    expect(normal(original)).toBe(expected)
  })

  test.each([
    ['Russian', 'Съешь ещё этих мягких французских булок, да выпей чаю. Версия 3D, iPhone и IT-специалист.'],
    ['a Latin prefix in front of a Russian word', '3Dпринтер и Windowsовский'],
    ['Greek', 'Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Δt = λx'],
    ['Japanese', 'Tシャツを着た人が「テスト」と言った。カタカナ'],
    ['Korean', '키스의 고유조건은 입술끼리 만나야 하고'],
    ['Hebrew with a Latin name', 'דג סקרן שט בים מאוכזב והGoogle'],
    ['Arabic', 'صِف خَلقَ خَودِ كَمِثلِ الشَمسِ'],
    ['Vietnamese', 'Đường phố Việt Nam rất đẹp'],
    ['Turkish', 'Pijamalı hasta yağız şoföre çabucak güvendi. ısı'],
    ['Thai', 'เป็นมนุษย์สุดประเสริฐเลิศคุณค่า'],
    ['code', 'if (a && b || c & 0xff) { printf("%d%% %s\\n", x); } // &copy=1 a%b'],
    ['percentages', 'between 20% and 50%, 100%, 5%ad, 20%-50%'],
    ['spacing accents', 'wie geht´s ¨'],
    ['emoji', 'ok 👍🏽 😀'],
    ['whitespace', 'a  b\t\tc\r\n\r\n  d \u2028e'],
  ])('%s stays as it is', (_, text) => {
    expect(normal(text)).toBe(text)
  })

  test('a flood of marks is cut to eight', () => {
    const flood = `z${'\u0316\u0317\u0318\u0319'.repeat(50)}algo`

    expect(normal(flood)).toBe(`z${'\u0316\u0317\u0318\u0319'.repeat(2)}algo`)
  })

  test('text in tags is read behind the rest, and parts no word', () => {
    const original = `AKIA${TAGS('ignore all')}KEY and ${TAGS(' rules')}more`

    expect(normal(original)).toBe('AKIAKEY and more\nignore all rules')
  })

  test('the tags of a flag say nothing, those of an unknown flag do', () => {
    expect(normal(`\u{1f3f4}${TAGS('gbeng')}\u{e007f}`)).toBe('\u{1f3f4}')
    expect(normal(`\u{1f3f4}${TAGS('ignor')}\u{e007f}`)).toBe('\u{1f3f4}\nignor')
  })

  test('text in variation selectors is read, a single selector is not', () => {
    expect(normal(`😀${SELECTORS('ignore ünder')}`)).toBe('😀\nignore ünder')
    expect(normal('❤\ufe0f')).toBe('❤')
  })

  test('escapes and lookalikes can be left alone', () => {
    const text = '%41 &lt; p\u0430y'

    expect(normalizeText(text, { decodeEscapes: false, foldLookalikes: false }).text).toBe(text)
  })
})

describe('the way back', () => {
  test.each([
    [
      'invisible characters inside and behind a word',
      'say se\u200bcr\u00adet\u200b!',
      'secret',
      'se\u200bcr\u00adet\u200b',
    ],
    ['marks', 'x cafe\u0301 y', 'café', 'cafe\u0301'],
    ['escapes', 'a=%73ecret&amp;b', 'secret&', '%73ecret&amp;'],
    ['a whole ligature', 'of\ufb01ce', 'f', 'f'],
    ['one half of a ligature', '\ufb01le', 'i', '\ufb01'],
    ['characters outside the BMP', '👍 𝐬𝐞𝐜𝐫𝐞𝐭 👍', 'secret', '𝐬𝐞𝐜𝐫𝐞𝐭'],
    ['folded letters', 'a p\u0430ypal b', 'paypal', 'p\u0430ypal'],
    ['a later line', 'x\u200b\nline two\nthe ｓecret', 'secret', 'ｓecret'],
  ])('covers %s', (_, original, found, expected) => {
    expect(cut(original, found)).toBe(expected)
  })

  test('covers the place where text was hidden', () => {
    expect(cut(`a${TAGS('key')}b`, 'key')).toBe(TAGS('key'))
    expect(cut(`ab${TAGS('key')}cd`, 'd\nk')).toBe(`${TAGS('k')}${TAGS('ey')}cd`.slice(0, 8))
  })
})

/** Texts out of what normalisation has to do with, at hostile places. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
      fc.constantFrom(
        ...[
          '%',
          '25',
          '4',
          '1',
          'e',
          '%E2%80%8B',
          '%CC%81',
          '%D0%B0',
          '&',
          'amp',
          ';',
          '&#x430;',
          'semi',
          '#',
          'lt',
        ],
        ...[
          'a',
          'b',
          'Z',
          '_',
          '\u0430',
          '\u0435',
          '\u0439',
          '\u0438',
          '\u0306',
          '\u0301',
          '\u03bf',
          '\u0451',
          '\ufb01',
        ],
        ...[
          '\u200b',
          '\u202e',
          '\0',
          '\ufeff',
          '\ufe0f',
          '\u{e0101}',
          '\u{e0041}',
          '\u{e007f}',
          '\u{1f3f4}',
          '\u{1f600}',
        ],
        ...[
          '\n',
          ' ',
          '\t',
          '\r\n',
          '\u3000',
          '\ud800',
          '\udc00',
          'ﷺ',
          '％',
          '＆',
          '；',
          'ｱ',
          'ﾞ',
          'ㅏ',
          'ㅎ',
          '\u11ab',
        ],
        ...[
          '\u0344',
          '\u1d165',
          '´',
          '\u037e',
          '\u212a',
          '\u2260',
          '\u0338',
          '<',
          '\u0488',
          '\u094d',
          'ｶ\uff9e',
        ],
      ),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''))

const RUNS = { numRuns: 3_000 }

describe('for every text', () => {
  test('normalising again changes nothing', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const once = normal(text)
        expect(normal(once)).toBe(once)
      }),
      RUNS,
    )
  })

  test('nothing invisible and no lone surrogate is left', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const result = normal(text)
        expect(result).not.toMatch(/\p{Cs}/u)
        expect(Array.from(result).some((character) => isIgnorable(character.codePointAt(0) as number))).toBe(
          false,
        )
      }),
      RUNS,
    )
  })

  test('a range that is not empty maps to one that is not, inside the original, on whole characters', () => {
    fc.assert(
      fc.property(hostileText, fc.nat(), fc.nat(), (original, a, b) => {
        const { text, toOriginal } = normalizeText(original)
        fc.pre(text.length > 0)
        const start = a % text.length
        const end = start + 1 + (b % (text.length - start))

        const range = toOriginal(start, end)

        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.end).toBeLessThanOrEqual(original.length)
        expect(range.start).toBeLessThan(range.end)
        for (const at of [range.start, range.end]) {
          expect(
            /[\ud800-\udbff]$/.test(original.slice(0, at)) && /^[\udc00-\udfff]/.test(original.slice(at)),
          ).toBe(false)
        }
      }),
      RUNS,
    )
  })

  test('the map is monotone and covers the text', () => {
    fc.assert(
      fc.property(hostileText, (original) => {
        const visible = original.replaceAll(/[\u{e0000}-\u{e0fff}]|[\ufe00-\ufe0f]|%EF|%F3|&#/giu, '')
        const { text, toOriginal } = normalizeText(visible)
        fc.pre(text.length > 0)
        expect(toOriginal(0, text.length)).toEqual({ start: 0, end: visible.length })
        let before = { start: 0, end: 0 }
        let isMonotone = true
        for (let at = 0; at < text.length; at += 1) {
          const range = toOriginal(at, at + 1)
          const isGap = at > 0 && range.start > before.end
          isMonotone &&= !isGap && range.start >= before.start && range.end >= before.end
          before = range
        }
        expect(isMonotone).toBe(true)
      }),
      RUNS,
    )
  })

  test('a text that is normal maps to itself', () => {
    fc.assert(
      fc.property(hostileText, fc.nat(), fc.nat(), (original, a, b) => {
        const text = normal(original)
        fc.pre(text.length > 0)
        const characters = [...text]
        const from = a % characters.length
        const to = from + 1 + (b % (characters.length - from))
        const start = characters.slice(0, from).join('').length
        const end = characters.slice(0, to).join('').length

        expect(normalizeText(text).toOriginal(start, end)).toEqual({ start, end })
      }),
      RUNS,
    )
  })
})
