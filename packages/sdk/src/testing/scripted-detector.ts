import type { Detector, DetectorDescriptor } from '../detector/detector.ts'
import type { Measurement, Span } from '../detector/measurement.ts'
import { digestOf } from '../json/digest.ts'
import { STAGES } from '../subject/stage.ts'
import type { Subject } from '../subject/subject.ts'
import { type JudgedEntry, type JudgedLog, judgedLog } from './judged-log.ts'

/** What can go wrong with a detector; each gives `onError` when the pipeline asks it. */
export const DETECTOR_FAULTS = [
  'throws',
  'rejects',
  'hangs',
  'nothing',
  'nan',
  'out-of-range',
  'missing-label',
  'wrong-span',
  'overloaded',
] as const

export type DetectorFault = (typeof DETECTOR_FAULTS)[number]

/** Patterns of each label: a match scores 1 and is a span, no match scores 0. Labels left out score 0. */
export type LabelPatterns<Label extends string> = Readonly<Partial<Record<Label, RegExp>>>

/** Anything a detector could say of a text. */
export type DetectorScript<Label extends string> = (
  subject: Subject,
  options: { readonly signal: AbortSignal },
) => Measurement | { readonly [label in Label]?: number } | Promise<Measurement>

/** What a scripted detector is and says. */
export interface ScriptedDetectorOptions<Label extends string> {
  /** @default 'scripted' */
  readonly id?: string
  readonly labels: readonly Label[]
  readonly script: LabelPatterns<Label> | DetectorScript<Label>
  /** Texts that bring a fault about, instead of an answer. */
  readonly faults?: Readonly<Partial<Record<DetectorFault, RegExp>>>
  /** Waits so long before each answer, in milliseconds. @default 0 */
  readonly delayMs?: number
  /** Where what it was shown is written down. @default a log of its own */
  readonly log?: JudgedLog
  /** Changes to the descriptor, e.g. its coverage. Spans may be 100 characters long unless this says otherwise. */
  readonly descriptor?: Partial<DetectorDescriptor<Label>>
}

/** A detector that does as it is told, and its log. */
export interface ScriptedDetector<Label extends string> extends Detector<Label> {
  readonly log: JudgedLog
  /** What this detector was shown, oldest first. */
  shown(): readonly JudgedEntry[]
}

const isMeasurement = (value: object): value is Measurement => 'kind' in value

function read<Label extends string>(
  patterns: LabelPatterns<Label>,
  labels: readonly Label[],
  text: string,
): Measurement {
  const spans: Span[] = labels.flatMap((label) => {
    const pattern = patterns[label]
    if (!pattern) return []
    const global = new RegExp(pattern, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`)
    return [...text.matchAll(global)]
      .filter((match) => match[0] !== '')
      .map((match) => ({ label, start: match.index, end: match.index + match[0].length }))
  })
  const found = new Set(spans.map((span) => span.label))
  return { kind: 'scored', scores: scoresOf(labels, (label) => (found.has(label) ? 1 : 0)), spans }
}

const scoresOf = (labels: readonly string[], score: (label: string) => number) =>
  Object.fromEntries(labels.map((label) => [label, score(label)]))

/** What each fault does in place of an answer. */
function misbehave(fault: DetectorFault, labels: readonly string[], text: string): unknown {
  const zero = scoresOf(labels, () => 0)
  switch (fault) {
    case 'throws':
      // The text is in the message on purpose: a test can see that it goes nowhere.
      throw new Error(`scripted fault at: ${text}`)
    case 'rejects':
      return Promise.reject(new Error(`scripted fault at: ${text}`))
    case 'hangs':
      return new Promise(() => {})
    case 'nothing':
      return undefined
    case 'nan':
      return { kind: 'scored', scores: scoresOf(labels, () => Number.NaN) }
    case 'out-of-range':
      return { kind: 'scored', scores: scoresOf(labels, () => 1.5) }
    case 'missing-label':
      return { kind: 'scored', scores: {} }
    case 'wrong-span':
      return {
        kind: 'scored',
        scores: zero,
        spans: [{ label: labels[0], start: text.length, end: text.length + 5 }],
      }
    case 'overloaded':
      return { kind: 'failed', code: 'PARAPET_RUNTIME_OVERLOADED' }
  }
}

/**
 * A detector for tests: it finds patterns, or says what a function tells it, and fails in every way a detector can.
 *
 * ```ts
 * const words = scriptedDetector({ labels: ['bad'], script: { bad: /bomb/ }, faults: { hangs: /slow/ } })
 * ```
 */
export function scriptedDetector<const Label extends string>(
  options: ScriptedDetectorOptions<Label>,
): ScriptedDetector<Label> {
  const { id = 'scripted', labels, script, faults = {}, delayMs = 0, log = judgedLog(), descriptor } = options
  const shown: JudgedEntry[] = []

  async function answer(subject: Subject, signal: AbortSignal): Promise<Measurement> {
    const entry = { detector: id, stage: subject.stage, text: subject.text }
    shown.push(entry)
    log.add(entry)
    const fault = DETECTOR_FAULTS.find((name) => faults[name]?.test(subject.text))
    if (fault) return (await misbehave(fault, labels, subject.text)) as Measurement
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (typeof script !== 'function') return read(script, labels, subject.text)
    const said = await script(subject, { signal })
    if (isMeasurement(said)) return said
    return { kind: 'scored', scores: { ...scoresOf(labels, () => 0), ...said } }
  }

  return {
    log,
    shown: () => shown,
    descriptor: {
      id,
      version: '1',
      labels,
      options: {},
      coverage: { stages: STAGES, languages: 'any', maxCharacters: 1_000_000 },
      tier: 'pattern',
      contextCharacters: 0,
      maxSpanCharacters: 100,
      ...descriptor,
    },
    load: async () => ({
      digest: digestOf(['scripted', id]),
      measure: (subject, { signal }) => answer(subject, signal),
    }),
  }
}
