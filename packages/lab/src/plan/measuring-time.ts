import { type DecisionBody, type Policy, recordedDetectors } from '@parapet/sdk'
import { askedDetectors } from './asked-detectors.ts'

const TIERS = ['pattern', 'model', 'remote'] as const

/**
 * The milliseconds that a policy's detectors take for a recorded decision: part after part, in each the slowest detector
 * of each cost tier, since those of a tier run side by side. As recorded; what was remembered then counts as 0. Undefined
 * where the policy asks a detector that was not bound or not asked.
 */
export function measuringMs(policy: Policy, body: DecisionBody): number | undefined {
  const keys = recordedDetectors(policy.document, body.binding)
  let sum = 0
  for (const [part, asked] of askedDetectors(policy, body)) {
    const slowest = new Map<(typeof TIERS)[number], number>()
    for (const detector of asked) {
      const recorded = part.elapsedMs[keys.get(detector) ?? '']
      const tier = policy.detectors.get(detector)?.descriptor.tier
      const outcome = part.outcomes[keys.get(detector) ?? '']
      if (tier === undefined || outcome === undefined || outcome.kind === 'skipped') return undefined
      // What was not run at all (another language, too long) took no time.
      const ms = typeof recorded === 'number' ? recorded : 0
      slowest.set(tier, Math.max(slowest.get(tier) ?? 0, ms))
    }
    for (const ms of slowest.values()) sum += ms
  }
  return sum
}
