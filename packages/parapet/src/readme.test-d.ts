import type { LanguageModelV4 } from '@ai-sdk/provider'
import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import { wrapLanguageModel } from 'ai'
import { createGuard, definePolicy, refusalDirection, secrets, sqliteQueue, toxicity, when } from './index.ts'

// Checked by the compiler alone: the README's example, and mistakes in it that must not compile.

declare function openai(id: string): LanguageModelV4

const policy = definePolicy({
  id: 'support-chat',
  version: '1',
  input: {
    rules: [
      when(refusalDirection(), 'harmful').atFalsePositiveRate(0.001).block(),
      when(refusalDirection(), 'harmful')
        .atFalsePositiveRate(0.01)
        .review({ mode: 'hold', withinMs: 120_000, otherwise: 'block' }),
    ],
    onError: 'block',
    onAbstain: 'flag',
    budgetMs: 3_000,
  },
  output: {
    rules: [when(toxicity(), 'toxic').above(0.8).block(), when(secrets()).found().redact()],
    onError: 'block',
    onAbstain: 'flag',
    budgetMs: 3_000,
  },
})
const guard = createGuard({ policy, queue: sqliteQueue('review.db') })
export const model: LanguageModelV4 = wrapLanguageModel({
  model: openai('gpt-5'),
  middleware: guardMiddleware(guard),
})

// @ts-expect-error a mistyped label
when(refusalDirection(), 'harmfull')
// @ts-expect-error a label of another detector
when(secrets(), 'toxic')
// @ts-expect-error a stage that says nothing of faults
definePolicy({ id: 'a', version: '1', input: { rules: [], onAbstain: 'flag', budgetMs: 1 } })
// @ts-expect-error a stage that says nothing of what is not covered
definePolicy({ id: 'a', version: '1', input: { rules: [], onError: 'block', budgetMs: 1 } })
// @ts-expect-error a stage without a budget
definePolicy({ id: 'a', version: '1', input: { rules: [], onError: 'block', onAbstain: 'flag' } })
const stage = { rules: [], onError: 'block', onAbstain: 'flag', budgetMs: 1 } as const
// @ts-expect-error a stage that does not exist
definePolicy({ id: 'a', version: '1', inptu: stage })
// @ts-expect-error a guard without a policy
createGuard({ queue: sqliteQueue('review.db') })
