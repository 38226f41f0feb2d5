import { createHash } from 'node:crypto'
import type { Manifest } from '@parapet/runtime'
import type { DetectorDescriptor } from '@parapet/sdk'

/**
 * `sha256:…` over everything a detector's scores depend on: its code's version, labels and options, and the
 * manifest of its weights, which holds the digest of each file (graph, tokenizer, calibration, direction).
 */
export function detectorDigest(descriptor: DetectorDescriptor, manifest: Manifest): string {
  const { id, version, labels, options } = descriptor
  // Where the weights lie is not what they are: the same files elsewhere give the same scores.
  const { weights: _place, ...rest } = options
  const text = JSON.stringify(sorted({ id, version, labels, options: rest, manifest }))
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** The same value with the keys of its objects in order, so that equal values have equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
