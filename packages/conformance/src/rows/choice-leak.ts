import { leakRow } from './leak-row.ts'

export const choiceLeak = leakRow({
  name: 'choice-leak',
  question: 'Does flagged text of a second choice reach the caller?',
  place: 'the second of two choices',
  script: (word) => ({
    choices: [{ text: 'Nothing of interest.' }, { text: `A second answer, with ${word} in it.` }],
  }),
  request: () => ({ choices: 2 }),
})
