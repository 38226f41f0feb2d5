import { leakRow } from './leak-row.ts'

export const reasoningLeak = leakRow({
  name: 'reasoning-leak',
  question: 'Does flagged text of the model’s reasoning reach the caller?',
  place: 'the reasoning (`reasoning_content`) before a harmless answer',
  script: (word) => ({ choices: [{ reasoning: `I could say ${word} here.`, text: 'Nothing of interest.' }] }),
})
