import type { DecisionBody, Policy } from '@parapet/sdk'

/** What one recipient outside this machine would get. */
export interface Sent {
  /** Decisions of which it gets something. */
  readonly decisions: number
  /** UTF-16 units. */
  readonly characters: number
}

/** The characters of a recorded decision that each recipient gets under a policy, if every detector is asked. */
export function sentOut({ document, detectors }: Policy, { parts }: DecisionBody): Map<string, number> {
  const sent = new Map<string, number>()
  for (const part of parts) {
    const stage = document.stages[part.stage]
    if (!stage || part.empty || part.media !== undefined || part.fault !== undefined) continue
    for (const detector of new Set(stage.rules.map((rule) => rule.detector))) {
      const to = detectors.get(detector)?.descriptor.sendsTo
      if (to !== undefined) sent.set(to, (sent.get(to) ?? 0) + part.characters)
    }
  }
  return sent
}
