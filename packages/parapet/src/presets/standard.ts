import { attack, harm, personalData, refusalDirection, secrets, toxicity } from '@parapet/detectors'
import { definePolicy, type Policy, type PolicyDefinition, when } from '@parapet/sdk'

/** What a preset may be given besides its rules. */
export type PresetOptions = Pick<PolicyDefinition, 'mode' | 'messages'>

/**
 * A policy for a chat with the public, in English: harmful requests are blocked at a false-positive rate of 0.1 % of hard
 * benign text and flagged at 1 %; jailbreaks and injected instructions are flagged; keys, cards and IBANs are cut out of
 * answers; toxic answers are blocked.
 * `docs/presets.md` says what each line costs and misses.
 */
export function standardPreset(options: PresetOptions = {}): Policy {
  const asks = harm()
  const attacks = attack()
  const direction = refusalDirection()
  const toxic = toxicity()
  return definePolicy({
    id: 'parapet-standard',
    version: '2',
    ...options,
    input: {
      rules: [
        when(asks, 'harmful').atFalsePositiveRate(0.001).block(),
        when(asks, 'harmful').atFalsePositiveRate(0.01).flag(),
        // Flags alone: over a long document the worst of many windows is a false alarm more often than the rate says.
        when(attacks, 'injection').atFalsePositiveRate(0.001).flag(),
        when(attacks, 'jailbreak').atFalsePositiveRate(0.001).flag(),
        when(direction, 'harmful').atFalsePositiveRate(0.001).block(),
        when(direction, 'harmful').atFalsePositiveRate(0.01).flag(),
      ],
      onError: 'block',
      onAbstain: 'flag',
      budgetMs: 3_000,
    },
    output: {
      rules: [
        when(toxic, 'toxic').atFalsePositiveRate(0.001).block(),
        when(toxic, 'toxic').atFalsePositiveRate(0.01).flag(),
        when(secrets()).found().redact(),
        when(personalData({ kinds: ['credit-card', 'iban'] }))
          .found()
          .redact(),
      ],
      onError: 'block',
      onAbstain: 'flag',
      budgetMs: 3_000,
    },
  })
}
