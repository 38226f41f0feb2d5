import { digestOf } from '../json/digest.ts'
import type { PolicyDocument } from '../policy/policy.ts'
import { STAGES } from '../subject/stage.ts'
import type { RecordedBinding, RecordedDetector, RecordedRate } from './decision-record.ts'

/** What a detector reference is, apart from the key that a policy gives it. */
export function detectorIdentity({
  id,
  version,
  options,
}: PolicyDocument['detectors'][string]): RecordedDetector {
  return { id, version, options: digestOf(options) }
}

/**
 * The part of a record that is the same for all decisions of one binding.
 * @param digests the loaded detectors' digests by key; undefined or missing where a detector could not be loaded
 */
export function recordBinding(
  policy: PolicyDocument,
  digests: ReadonlyMap<string, string | undefined>,
): RecordedBinding {
  const detectors = Object.entries(policy.detectors).map(([key, reference]) => {
    const digest = digests.get(key)
    return [key, { ...detectorIdentity(reference), ...(digest === undefined ? {} : { digest }) }] as const
  })
  const judged = STAGES.flatMap((stage) => {
    const stagePolicy = policy.stages[stage]
    return stagePolicy ? [{ stage, ...stagePolicy }] : []
  })
  const rates = judged.flatMap(({ stage, rules }) =>
    rules.flatMap(({ id, detector, label, condition }): [string, RecordedRate][] =>
      condition.kind === 'falsePositiveRate' && label !== undefined
        ? [[`${stage}/${id}`, { detector, label, rate: condition.rate }]]
        : [],
    ),
  )
  return {
    detectors: Object.fromEntries(detectors),
    rates: Object.fromEntries(rates),
    stages: Object.fromEntries(judged.map(({ stage, release }) => [stage, release])),
    maxCharacters: policy.limits.maxCharacters,
  }
}
