import { says } from '../kit/script.ts'
import { leakRow } from './leak-row.ts'

/** Each letter as its escape, as JSON allows. */
const escaped = (word: string) =>
  [...word].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

export const structuredLeak = leakRow({
  name: 'structured-leak',
  question:
    'Does a flagged string of structured output reach the caller, when it is written in JSON escapes?',
  place: 'a string of JSON output, each letter escaped',
  script: (word) => says(`{"text":"${escaped(word)}"}`),
  request: () => ({ json: true }),
})
