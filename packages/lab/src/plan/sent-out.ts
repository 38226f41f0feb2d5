import type { DecisionBody, Policy } from '@parapet/sdk'
import { askedDetectors } from './asked-detectors.ts'

/** What one recipient outside this machine would get. */
export interface Sent {
  /** Decisions of which it gets something. */
  readonly decisions: number
  /** UTF-16 units. */
  readonly characters: number
}

/** The characters of a recorded decision that each recipient gets under a policy, if every detector is asked. */
export function sentOut(policy: Policy, body: DecisionBody): Map<string, number> {
  const sent = new Map<string, number>()
  for (const [part, asked] of askedDetectors(policy, body)) {
    for (const detector of asked) {
      const to = policy.detectors.get(detector)?.descriptor.sendsTo
      if (to !== undefined) sent.set(to, (sent.get(to) ?? 0) + part.characters)
    }
  }
  return sent
}
