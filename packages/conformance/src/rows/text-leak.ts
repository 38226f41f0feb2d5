import { says } from '../kit/script.ts'
import { leakRow } from './leak-row.ts'

const BEFORE = 'Nothing of interest. '.repeat(40)
const AFTER = ' Nothing more.'.repeat(20)

export const textLeak = leakRow({
  name: 'text-leak',
  question: 'Does flagged text of the answer reach the caller?',
  place: `the middle of an answer of ${BEFORE.length + AFTER.length} characters`,
  script: (word) => says(`${BEFORE}${word}${AFTER}`),
})
