import type { Detector, LoadedDetector } from '../detector/detector.ts'
import type { Failed, Measurement, Span } from '../detector/measurement.ts'
import { isParapetError } from '../errors/parapet-error.ts'
import type { Subject } from '../subject/subject.ts'
import type { NormalizedText } from '../text/normalize.ts'
import { checkMeasurement, faultCode } from './check-measurement.ts'

/** One question to one detector. */
export interface Question {
  readonly detector: Detector
  readonly loaded: LoadedDetector
  readonly subject: Subject
  readonly normalized: NormalizedText
  readonly signal: AbortSignal
}

const failed = (code: string): Failed => ({ kind: 'failed', code })

/** What the descriptor says before anything is asked: outside its coverage a detector abstains. */
function abstention({ detector, subject }: Question): Measurement | undefined {
  const { coverage } = detector.descriptor
  if (!coverage.stages.includes(subject.stage)) return { kind: 'abstained', reason: 'stage' }
  if (subject.text.length > coverage.maxCharacters) return { kind: 'abstained', reason: 'length' }
  return undefined
}

/** A text in a language the detector was not calibrated for: its scores are kept, its verdict is not. */
function coverLanguage(measurement: Measurement, { detector, subject }: Question): Measurement {
  const { languages } = detector.descriptor.coverage
  if (measurement.kind !== 'scored' || languages === 'any' || subject.language === undefined)
    return measurement
  if (languages.includes(subject.language)) return measurement
  return { kind: 'abstained', reason: 'language', scores: measurement.scores }
}

function toOriginal(spans: readonly Span[], normalized: NormalizedText): Span[] {
  return spans.map(({ label, start, end }) => ({ label, ...normalized.toOriginal(start, end) }))
}

/** The signal's abort as a rejection, so that a detector that ignores its signal is not waited for. */
function aborted(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  let stop = () => {}
  const promise = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason)
    stop = () => signal.removeEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  promise.catch(() => undefined)
  return { promise, stop }
}

/**
 * Asks one detector. Whatever it does, the result is a measurement: thrown, hanging past the budget, overloaded or
 * nonsensical answers are `failed` with a code. Spans are offsets of the judged text.
 */
export async function measure(question: Question): Promise<Measurement> {
  const { detector, loaded, subject, normalized, signal } = question
  const outside = abstention(question)
  if (outside) return outside
  const abort = aborted(signal)
  try {
    const answer = Promise.resolve(loaded.measure(subject, { signal }))
    answer.catch(() => undefined)
    const given = await Promise.race([answer, abort.promise])
    const checked = checkMeasurement(given, detector.descriptor, subject.text.length)
    const covered = coverLanguage(checked, question)
    return covered.kind === 'scored' && covered.spans
      ? { ...covered, spans: toOriginal(covered.spans, normalized) }
      : covered
  } catch (error) {
    if (signal.aborted) return failed('PARAPET_DETECTOR_TIMEOUT')
    return failed(isParapetError(error) ? faultCode(error.code) : 'PARAPET_DETECTOR_FAILED')
  } finally {
    abort.stop()
  }
}
