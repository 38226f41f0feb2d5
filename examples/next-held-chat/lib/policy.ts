import { definePolicy, patterns, when } from 'parapet'

const advice = patterns({
  id: 'advice',
  version: '1',
  patterns: [{ label: 'dose', regex: /\b\d+ tablets\b/i, maxCharacters: 20 }],
})

/** A pharmacy's chat: an answer that names a dose goes before a pharmacist. The same in every process. */
export const policy = definePolicy({
  id: 'pharmacy',
  version: '1',
  output: {
    rules: [when(advice, 'dose').found().review({ mode: 'defer', withinMs: 3_600_000, otherwise: 'block' })],
    onError: 'block',
    onAbstain: 'block',
    budgetMs: 1_000,
  },
  messages: { default: 'A pharmacist looks at this answer first.' },
})

/** Who reviews it. */
export const routes = [{ team: 'pharmacists', when: { labels: ['dose'] } }]

/** Stands in the place of a provider: `generateText({ model: openai('…'), prompt })`. */
export const answer = async (prompt: string): Promise<string> =>
  /\bmany\b/i.test(prompt) ? 'Take 3 tablets a day.' : 'We are open from nine to five.'
