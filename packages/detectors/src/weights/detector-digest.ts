import { type DetectorDescriptor, digestOf } from '@parapet/sdk'

/**
 * `sha256:…` over everything a detector's scores depend on: its code's version, labels and options, and the
 * manifest of its weights, which holds the digest of each file (graph, tokenizer, calibration, direction); the digest of a
 * direction file that lies elsewhere stands beside it.
 */
export function detectorDigest(descriptor: DetectorDescriptor, manifest: unknown): string {
  const { id, version, labels, options } = descriptor
  // Where the weights lie is not what they are: the same files elsewhere give the same scores.
  const { weights: _place, direction: _file, ...rest } = options
  return digestOf({ id, version, labels, options: rest, manifest })
}
