import { leakRow } from './leak-row.ts'

export const toolCallLeak = leakRow({
  name: 'tool-call-leak',
  question: 'Do flagged arguments of a tool call reach the caller, whole or in deltas?',
  place: 'the arguments of a tool call',
  script: (word) => ({ choices: [{ toolCall: JSON.stringify({ text: `Note ${word} down.` }) }] }),
  request: () => ({ tools: true }),
})
