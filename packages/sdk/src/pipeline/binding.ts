import { resolveThreshold } from '../calibration/resolve-threshold.ts'
import { thresholdKey } from '../decision/judge.ts'
import type { LoadedDetector } from '../detector/detector.ts'
import { isParapetError } from '../errors/parapet-error.ts'
import { digestOf } from '../json/digest.ts'
import type { Policy } from '../policy/policy.ts'
import type { RecordedBinding, Thresholds } from '../record/decision-record.ts'
import { recordBinding } from '../record/record-binding.ts'
import { STAGES } from '../subject/stage.ts'
import { faultCode } from './check-measurement.ts'
import { withDeadline } from './deadline.ts'

/** A detector that could not be loaded: its rules get `onError`. */
export interface LoadFailure {
  readonly code: string
  readonly error: unknown
}

/** A policy with its detectors loaded (or failed), its rates resolved, and the hash of all of it. */
export interface Binding {
  readonly policy: Policy
  readonly detectors: ReadonlyMap<string, LoadedDetector | LoadFailure>
  readonly thresholds: Thresholds
  readonly bindingHash: string
  /** What a record says of it. */
  readonly recorded: RecordedBinding
}

export const isLoaded = (detector: LoadedDetector | LoadFailure | undefined): detector is LoadedDetector =>
  detector !== undefined && 'measure' in detector

/** After a failed load, how long the failure stands before another try. */
const RETRY_AFTER_MS = 5_000

function resolveThresholds(policy: Policy, detectors: Binding['detectors']): Thresholds {
  const thresholds: Record<string, number> = {}
  for (const stage of STAGES)
    for (const rule of policy.document.stages[stage]?.rules ?? []) {
      const detector = detectors.get(rule.detector)
      if (rule.condition.kind !== 'falsePositiveRate' || rule.label === undefined || !isLoaded(detector))
        continue
      thresholds[thresholdKey(stage, rule)] = resolveThreshold(
        detector.calibration?.labels[rule.label],
        rule.condition.rate,
        { detector: rule.detector, label: rule.label },
      )
    }
  return thresholds
}

const digestsOf = (detectors: Binding['detectors']) =>
  new Map([...detectors].map(([key, detector]) => [key, isLoaded(detector) ? detector.digest : undefined]))

function hashBinding(policy: Policy, detectors: Binding['detectors']): string {
  const digests = [...digestsOf(detectors)].map(([key, digest]) => [key, digest ?? 'unavailable'])
  return digestOf({ policy: policy.policyHash, detectors: Object.fromEntries(digests) })
}

/** Loads a policy's detectors when first asked, once; what failed to load is tried again after a while. */
export function createBinder(policy: Policy, { loadTimeoutMs }: { readonly loadTimeoutMs: number }) {
  const loaded = new Map<string, Promise<LoadedDetector | LoadFailure>>()
  let binding: Promise<Binding> | undefined
  let retryAt = Number.POSITIVE_INFINITY

  function load(key: string): Promise<LoadedDetector | LoadFailure> {
    const known = loaded.get(key)
    if (known !== undefined) return known
    const detector = policy.detectors.get(key)
    const work = Promise.resolve().then(() => detector?.load())
    const loading = withDeadline(work, loadTimeoutMs).then(
      (result) => {
        if (result) return result
        // Whatever comes after its time is used by nobody.
        work.then((late) => late?.close?.()).catch(() => undefined)
        return { code: 'PARAPET_DETECTOR_LOAD_TIMEOUT', error: undefined }
      },
      (error: unknown) => ({
        code: isParapetError(error) ? faultCode(error.code) : 'PARAPET_DETECTOR_LOAD_FAILED',
        error,
      }),
    )
    loaded.set(key, loading)
    return loading
  }

  async function bindNow(): Promise<Binding> {
    const keys = [...policy.detectors.keys()]
    const detectors = new Map(await Promise.all(keys.map(async (key) => [key, await load(key)] as const)))
    const failed = keys.filter((key) => !isLoaded(detectors.get(key)))
    for (const key of failed) loaded.delete(key)
    retryAt = failed.length > 0 ? Date.now() + RETRY_AFTER_MS : Number.POSITIVE_INFINITY
    return {
      policy,
      detectors,
      thresholds: resolveThresholds(policy, detectors),
      bindingHash: hashBinding(policy, detectors),
      recorded: recordBinding(policy.document, digestsOf(detectors)),
    }
  }

  return {
    /** @throws PARAPET_POLICY_CALIBRATION_SMALL when a rate cannot be resolved */
    async bind(): Promise<Binding> {
      if (binding === undefined) {
        binding = bindNow()
        binding.catch(() => {
          binding = undefined
        })
      } else if (Date.now() >= retryAt) {
        // Behind the requests: they go on with what is loaded, and get the rest when it is there.
        retryAt = Number.POSITIVE_INFINITY
        const next = bindNow()
        next.then(
          () => {
            binding = next
          },
          () => undefined,
        )
      }
      return binding
    },
    async close(): Promise<void> {
      const detectors = await Promise.all(loaded.values())
      for (const detector of detectors) if (isLoaded(detector)) await detector.close?.()
    },
  }
}
