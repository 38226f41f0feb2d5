import type { Detector } from '../detector/detector.ts'
import { digestOf } from '../json/digest.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { checkShape } from './check-policy.ts'
import type { Policy, PolicyDocument } from './policy.ts'
import { PolicyError, type PolicyIssue } from './policy-error.ts'
import { policyFromDocument } from './policy-from-document.ts'

/** Makes detectors by the names that a JSON policy uses. A maker throws for options it does not know. */
export type DetectorRegistry = Readonly<Record<string, (options: JsonObject) => Detector>>

/**
 * Reads a policy in its JSON form; the registry makes its detectors.
 * The hash is the one that `definePolicy` gives for the same policy.
 * @throws PolicyError (`PARAPET_POLICY_INVALID`) with every mistake
 */
export function parsePolicy(document: unknown, registry: DetectorRegistry): Policy {
  const shape = checkShape(document)
  if (shape.length > 0) throw new PolicyError(shape)
  const checked = document as PolicyDocument
  const issues: PolicyIssue[] = []
  const detectors = new Map<string, Detector>()
  for (const [key, { id, version, options }] of Object.entries(checked.detectors)) {
    const path = `detectors.${key}`
    const make = Object.hasOwn(registry, id) ? registry[id] : undefined
    if (!make) {
      const known = Object.keys(registry).map((name) => `"${name}"`)
      issues.push({
        code: 'unknown-detector',
        path: `${path}.id`,
        message: `The registry makes no such detector. It makes ${known.join(', ') || 'none'}.`,
      })
      continue
    }
    try {
      const detector = make(options)
      const { descriptor } = detector
      if (descriptor.version !== version)
        issues.push({
          code: 'detector-version',
          path: `${path}.version`,
          message: `The installed ${id} is version ${descriptor.version}. Install the version named here, or write the policy anew for this one.`,
        })
      else if (digestOf(descriptor.options as JsonValue) !== digestOf(options as JsonValue))
        issues.push({
          code: 'detector-options',
          path: `${path}.options`,
          message:
            'The detector completes these options. Write every option out, as the policy that definePolicy makes does.',
        })
      detectors.set(key, detector)
    } catch (cause) {
      issues.push({
        code: 'detector-options',
        path: `${path}.options`,
        message: cause instanceof Error ? cause.message : 'The detector cannot be made with these options.',
      })
    }
  }
  if (issues.length > 0) throw new PolicyError(issues)
  return policyFromDocument(checked, detectors)
}
