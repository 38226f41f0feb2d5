import {
  definePolicy,
  type Policy,
  patterns,
  personalData,
  refusalDirection,
  secrets,
  toxicity,
  when,
} from 'parapet'

/** The demo's policy: every action once. */
export function demoPolicy(): Policy {
  const harm = refusalDirection()
  const refund = patterns({
    id: 'refund-request',
    version: '1',
    patterns: [{ label: 'refund', regex: /\brefund of \d+/, maxCharacters: 30 }],
  })
  return definePolicy({
    id: 'demo',
    version: '1',
    input: {
      rules: [
        when(harm, 'harmful').atFalsePositiveRate(0.01).block(),
        when(refund, 'refund').found().review({ mode: 'hold', withinMs: 2_000, otherwise: 'block' }),
      ],
      onError: 'block',
      onAbstain: 'flag',
      budgetMs: 5_000,
    },
    output: {
      rules: [
        when(toxicity(), 'toxic').above(0.8).block(),
        when(secrets({ kinds: ['aws-access-key'] }))
          .found()
          .redact({ replacement: '[key]' }),
        when(personalData({ kinds: ['credit-card'] }))
          .found()
          .redact({ replacement: '[card number]' }),
      ],
      onError: 'block',
      onAbstain: 'flag',
      budgetMs: 5_000,
      release: { windowCharacters: 120 },
    },
  })
}
