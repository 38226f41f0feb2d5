import { says } from '../kit/script.ts'
import { ANSWER, leakRow } from './leak-row.ts'

export const promptLeak = leakRow({
  name: 'prompt-leak',
  question: 'Is a request answered whose prompt is flagged?',
  place: 'the prompt of a request',
  side: 'request',
  script: () => says(ANSWER),
  request: (word) => ({ prompt: `Say something about ${word}.` }),
})
