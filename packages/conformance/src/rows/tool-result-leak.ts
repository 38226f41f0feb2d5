import { says } from '../kit/script.ts'
import { ANSWER, leakRow } from './leak-row.ts'

export const toolResultLeak = leakRow({
  name: 'tool-result-leak',
  question: 'Is a request answered whose tool result is flagged?',
  place: 'the result of a tool that the request carries',
  side: 'request',
  script: () => says(ANSWER),
  request: (word) => ({ tools: true, toolResult: `The page says ${word}.` }),
})
