import type { DetectorDescriptor } from '../detector/detector.ts'
import { ABSTAIN_REASONS, type Failed, type Measurement, type Span } from '../detector/measurement.ts'

/** What a measurement that breaks the contract becomes. */
export const INVALID: Failed = { kind: 'failed', code: 'PARAPET_DETECTOR_INVALID' }

const FAULT_CODE = /^PARAPET(_[A-Z0-9]+){2,8}$/

/** A code as records take it; anything else could carry a user's words. */
export const faultCode = (code: unknown): string =>
  typeof code === 'string' && FAULT_CODE.test(code) ? code : 'PARAPET_DETECTOR_FAILED'

const inRange = (score: unknown): boolean => typeof score === 'number' && score >= 0 && score <= 1

function scoresOf(scores: unknown, labels: readonly string[]): Record<string, number> | undefined {
  if (typeof scores !== 'object' || scores === null) return undefined
  const record = scores as Record<string, unknown>
  const checked: Record<string, number> = {}
  for (const label of labels) {
    const score = record[label]
    if (!inRange(score)) return undefined
    checked[label] = score as number
  }
  return checked
}

function spansOf(spans: unknown, descriptor: DetectorDescriptor, length: number): Span[] | undefined {
  if (!Array.isArray(spans)) return undefined
  const valid = spans.every(
    (span: Span) =>
      Number.isInteger(span?.start) &&
      Number.isInteger(span.end) &&
      span.start >= 0 &&
      span.start < span.end &&
      span.end <= length &&
      descriptor.labels.includes(span.label),
  )
  return valid ? spans.map(({ label, start, end }: Span) => ({ label, start, end })) : undefined
}

/**
 * Holds a measurement to its contract: a score in [0, 1] for each label and spans within the text, or an abstention
 * with a known reason. What breaks it (NaN, out of range, a missing label, nonsense) is `failed`.
 * @param length UTF-16 units of the text that was measured
 */
export function checkMeasurement(
  measurement: unknown,
  descriptor: DetectorDescriptor,
  length: number,
): Measurement {
  if (typeof measurement !== 'object' || measurement === null) return INVALID
  const given = measurement as Partial<Record<string, unknown>>
  if (given['kind'] === 'failed') return { kind: 'failed', code: faultCode(given['code']) }
  const scores = given['scores'] === undefined ? undefined : scoresOf(given['scores'], descriptor.labels)
  if (given['kind'] === 'abstained') {
    const reason = ABSTAIN_REASONS.find((known) => known === given['reason'])
    if (!reason || (given['scores'] !== undefined && !scores)) return INVALID
    return scores ? { kind: 'abstained', reason, scores } : { kind: 'abstained', reason }
  }
  if (given['kind'] !== 'scored' || !scores) return INVALID
  if (given['spans'] === undefined) return { kind: 'scored', scores }
  const spans = spansOf(given['spans'], descriptor, length)
  return spans ? { kind: 'scored', scores, spans } : INVALID
}
