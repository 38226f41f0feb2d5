/**
 * What a character costs to normalise: `node packages/sdk/bench/normalize.bench.ts`. Prints nanoseconds a character
 * on texts of a million characters, the best of several rounds.
 */

import { isIgnorable } from '../src/text/ignorable.ts'
import { detectLanguage } from '../src/text/language.ts'
import { normalizeText } from '../src/text/normalize.ts'

const CHARACTERS = 1_000_000
const ROUNDS = 7

const TEXTS: Record<string, string> = {
  'ASCII prose': 'The quick brown fox jumps over the lazy dog.\n',
  'code with & and %': 'if (a && b % 2) { total = x & mask; }\n',
  'German prose': 'Falsches Üben von Xylophonmusik quält jeden größeren Zwerg.\n',
  'Russian prose': 'Съешь ещё этих мягких французских булок, да выпей чаю.\n',
  'Japanese prose': 'いろはにほへとちりぬるを、わかよたれそつねならむ。\n',
  'Russian with Latin names': 'Съешь ещё этих iPhone мягких булок в Windows.\n',
  'HTML entities on each line': 'plain words and then &lt;b&gt; more words follow\n',
  'percent escapes': '%41%20',
  'full-width letters': 'ｉｇｎｏｒｅ　ｔｈｉｓ',
  'zero-width characters': 'a\u200bb',
  'a flood of marks': 'z\u0316\u0317\u0318\u0319',
  'text in tags': 'a\u{e0041}\u{e0042}',
}

function bestMs(run: () => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now()
    run()
    return performance.now() - started
  })
  return Math.min(...times)
}

const rows = Object.entries(TEXTS).map(([name, unit]) => {
  const text = unit.repeat(Math.ceil(CHARACTERS / unit.length))
  return {
    text: name,
    'ns/character': Number(((bestMs(() => normalizeText(text)) * 1e6) / text.length).toFixed(1)),
  }
})
console.table(rows)

let ignorable = 0
const units = Array.from('a\u0430\u200b', (character) => character.codePointAt(0) as number)
const checks = bestMs(() => {
  for (let at = 0; at < 3_000_000; at += 1) if (isIgnorable(units[at % 3] as number)) ignorable += 1
})
console.log(
  `isIgnorable: ${((checks * 1e6) / 3_000_000).toFixed(1)} ns (${ignorable > 0 ? 'used' : 'unused'})`,
)

for (const length of [300, 2_000_000]) {
  const text = (TEXTS['ASCII prose'] ?? '').repeat(50_000).slice(0, length)
  await detectLanguage(text)
  const started = performance.now()
  for (let round = 0; round < 200; round += 1) await detectLanguage(text)
  console.log(
    `detectLanguage, ${length} characters: ${(((performance.now() - started) * 1e3) / 200).toFixed(0)} µs`,
  )
}
