import type { PolicyDocument } from '../policy/policy.ts'
import type { RecordedBinding } from './decision-record.ts'
import { detectorIdentity } from './record-binding.ts'

/**
 * A policy's detectors in a record: each key of the policy → the record's key of the same detector (id, version and
 * options). What the record's policy did not name is not in it.
 */
export function recordedDetectors(
  policy: PolicyDocument,
  { detectors }: RecordedBinding,
): ReadonlyMap<string, string> {
  const recorded = new Map(
    Object.entries(detectors).map(([key, { id, version, options }]) => [
      JSON.stringify([id, version, options]),
      key,
    ]),
  )
  return new Map(
    Object.entries(policy.detectors).flatMap(([key, reference]) => {
      const { id, version, options } = detectorIdentity(reference)
      const match = recorded.get(JSON.stringify([id, version, options]))
      return match === undefined ? [] : [[key, match] as const]
    }),
  )
}
