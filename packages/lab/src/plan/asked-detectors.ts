import type { DecisionBody, JudgedPart, Policy } from '@parapet/sdk'

/** Each part of a recorded decision that a policy has measured, with the keys of the detectors that it asks. */
export function* askedDetectors(
  { document }: Policy,
  { parts }: DecisionBody,
): Generator<readonly [JudgedPart, ReadonlySet<string>]> {
  for (const part of parts) {
    const stage = document.stages[part.stage]
    if (!stage || part.empty || part.media !== undefined || part.fault !== undefined) continue
    yield [part, new Set(stage.rules.map((rule) => rule.detector))]
  }
}
