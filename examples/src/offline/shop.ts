import { definePolicy, patterns, secrets, when } from 'parapet'

const internal = patterns({
  id: 'internal',
  version: '1',
  patterns: [{ label: 'project', terms: ['project heron'] }],
})
const stage = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const

/** The policy that the servers of these examples share. */
export const shopPolicy = definePolicy({
  id: 'shop',
  version: '1',
  input: { ...stage, rules: [when(internal).found().block(), when(secrets()).found().redact()] },
  output: {
    ...stage,
    rules: [when(internal).found().block(), when(secrets()).found().redact()],
  },
  messages: { default: 'I can’t help with that here.' },
})

/** What the offline model of these examples says. */
export const shopAnswer = (question: string): string =>
  question.includes('news') ? 'We began project heron.' : `You asked: ${question}`
