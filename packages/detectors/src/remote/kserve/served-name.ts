import type { Manifest } from '@parapet/runtime'

const DIGITS = 12

/**
 * The name under which weights are served: their id and the beginning of their graph's SHA-256. Another graph has
 * another name, so a server that was given new weights is not asked with the old thresholds.
 */
export function servedName({ id, files }: Manifest): string {
  const digest = files['model.onnx']?.sha256 ?? ''
  return `${id.replaceAll(/[^\w.-]/g, '-')}-${digest.slice(0, DIGITS)}`
}
