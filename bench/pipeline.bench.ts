import { createGuard, definePolicy } from '@parapet/sdk'
import { type Bench, timePerCall } from './figure.ts'

/** What the pipeline itself costs: a policy whose stages have no rules. */
export const pipelineBench: Bench = {
  name: 'pipeline',
  async run() {
    const stage = { rules: [], onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
    const guard = createGuard({
      policy: definePolicy({ id: 'bench', version: '1', input: stage, output: stage }),
    })
    const text = 'How do I return a pair of shoes that I bought last week?'
    const check = await timePerCall(() => guard.check({ stage: 'input', text }), { calls: 5_000 })
    return [{ name: 'pipeline/no-detector', value: check * 1_000, unit: 'µs', most: 30 }]
  },
}
