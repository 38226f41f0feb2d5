import { type Detector, isParapetError, type LoadedDetector } from '@parapet/sdk'
import type { Finding } from './finding.ts'

/** A rate needs at least this many benign texts, times one over it. */
const TEXTS_PER_RATE = 3

function describeLabel(label: string, { calibration }: LoadedDetector): string {
  const n = calibration?.labels[label]?.n
  if (n === undefined) return `${label} (no rates)`
  return `${label} (${n} benign texts, rates from ${((100 * TEXTS_PER_RATE) / n).toPrecision(2)} %)`
}

/** A detector that loaded, beside what is to be said of it. */
export interface CheckedDetector {
  readonly finding: Finding
  readonly loaded?: LoadedDetector
}

/** Loads a detector: its model, its calibration, its direction. */
export async function checkDetector(detector: Detector): Promise<CheckedDetector> {
  const { id, labels, version } = detector.descriptor
  const what = `detector ${id}`
  try {
    const loaded = await detector.load()
    const detail = `${version}: ${labels.map((label) => describeLabel(label, loaded)).join(', ')}`
    return { finding: { what, state: 'ok', detail }, loaded }
  } catch (error) {
    if (!isParapetError(error)) throw error
    return { finding: { what, state: 'broken', detail: `${error.code}: ${error.message}`, mend: 'npm ci' } }
  }
}
