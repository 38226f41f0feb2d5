import { createGuard, type Detector, definePolicy, type Guard, type Measurement, when } from '@parapet/sdk'
import type { Judge } from '../kit/judge.ts'
import type { TargetSetup } from '../kit/target.ts'
import { REASONS } from '../kit/words.ts'

/** The kit's check as a detector: it measures, and logs what it was shown. */
function judgeDetector(judge: Judge): Detector<'flagged'> {
  return {
    descriptor: {
      id: 'kit-check',
      version: '1',
      labels: ['flagged'],
      options: {},
      coverage: {
        stages: ['input', 'output', 'reasoning', 'toolCall', 'toolResult'],
        languages: 'any',
        maxCharacters: 1_000_000,
      },
      tier: 'remote',
      contextCharacters: 0,
    },
    load: async () => ({
      digest: `sha256:${'0'.repeat(64)}`,
      async measure({ text }, { signal }): Promise<Measurement> {
        const { score } = await judge.check(text, { signal })
        return { kind: 'scored', scores: { flagged: score } }
      },
    }),
  }
}

/** Characters of a window: streams are judged as they come, which is harder to get right than whole answers. */
const WINDOW_CHARACTERS = 120

/** How `kitGuard` is set up, for the table. */
export const KIT_GUARD_HOW = `The kit's check as a detector that blocks, on input and output, released in windows of ${WINDOW_CHARACTERS} characters`

/** A guard whose one rule blocks what the kit's check flags. Each of Parapet's targets is built around one. */
export function kitGuard({ judge, checkTimeoutMs }: Pick<TargetSetup, 'judge' | 'checkTimeoutMs'>): Guard {
  const stage = {
    rules: [when(judgeDetector(judge), 'flagged').above(0.5).block({ id: REASONS.rule })],
    onError: 'block',
    onAbstain: 'block',
    budgetMs: checkTimeoutMs,
  } as const
  const policy = definePolicy({
    id: 'conformance',
    version: '1',
    input: stage,
    output: { ...stage, release: { windowCharacters: WINDOW_CHARACTERS } },
    messages: { default: 'Sorry, not here.' },
  })
  return createGuard({ policy, memoEntries: 0 })
}
