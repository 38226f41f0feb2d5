import { expect, test } from '@jest/globals'
import { normalizeText } from './normalize.ts'

const CHARACTERS = 1_600_000

/** Inputs that would cost the square of their length if any step looked back further than it must. */
const HOSTILE: Record<string, (length: number) => string> = {
  'plain text': (length) => fill('The quick brown fox jumps. ', length),
  'one word of zero-width characters': (length) => fill('a\u200bb', length),
  'one character with a flood of marks': (length) => `z${fill('\u0316\u0301\u0334', length)}`,
  'percent escapes of percent escapes': (length) => `${fill('%25', length)}41`,
  'opened escapes that one digit closes': (length) => fill('%', length / 2) + fill('33', length / 2),
  'entities of entities': (length) => `&${fill('amp;', length)}`,
  'ampersands without an end': (length) => fill('&ampersand', length),
  'one word that becomes Latin at its end': (length) => `${fill('\u0430\u043e\u0435', length)}x`,
  'a word that grows with each escape': (length) => fill('x\u0430%D0%B0', length),
  'tags and variation selectors': (length) => fill('a\u{e0041}\u{e0042}\ufe01\ufe02', length),
  'lone surrogates': (length) => fill('\ud800a', length),
  'empty lines': (length) => fill('\u200b\n', length),
}

function fill(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length))
}

/** Processor time, so that other processes on the machine do not count. */
function cpuMs(text: string): number {
  const before = process.cpuUsage()
  const { toOriginal, text: normalized } = normalizeText(text)
  toOriginal(0, normalized.length)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

const ALL_OF_THEM = (length: number): string =>
  Object.values(HOSTILE)
    .map((hostile) => hostile(length / Object.keys(HOSTILE).length))
    .join('')

// A search for hangs and no timing: linear work ends within a second or two, and the square of 1,600,000 is 10^12 steps,
// which takes an hour. Any limit between the two says the same on every machine, however busy.
const HANG_MS = 120_000

test.each([
  ...Object.entries(HOSTILE).map(([name, hostile]) => [name, CHARACTERS, hostile] as const),
  ['ten million characters of all of them', 10_000_000, ALL_OF_THEM] as const,
])('a long text is not read again for each of its characters: %s', (_, characters, hostile) => {
  expect(cpuMs(hostile(characters))).toBeLessThan(HANG_MS)
})
