import type { Calibration } from '../calibration/calibration.ts'
import type { JsonObject } from '../json/json.ts'
import type { Stage } from '../subject/stage.ts'
import type { Subject } from '../subject/subject.ts'
import type { Measurement } from './measurement.ts'

/** What a detector was calibrated for. Outside it the pipeline records `abstained` and does not ask. */
export interface Coverage {
  readonly stages: readonly Stage[]
  /** ISO 639-1 codes, or `any`. A text whose language cannot be told is taken as covered. */
  readonly languages: readonly string[] | 'any'
  /** The longest text it is asked about, in UTF-16 units. What is longer is abstained from (`length`). */
  readonly maxCharacters: number
}

/** Cheap detectors go first: `pattern` (microseconds), `model` (milliseconds of CPU), `remote` (a network call). */
export type CostTier = 'pattern' | 'model' | 'remote'

/** What is known of a detector before anything is loaded: plain data. */
export interface DetectorDescriptor<Label extends string = string> {
  /** Names the detector in policies, records and the registry, e.g. `toxicity`. */
  readonly id: string
  readonly version: string
  readonly labels: readonly Label[]
  /** The options it was made with: part of the policy's hash. */
  readonly options: JsonObject
  readonly coverage: Coverage
  readonly tier: CostTier
  /**
   * Who gets the content that is measured: the origin of a service, or a provider's name. Undefined when nothing
   * leaves this machine.
   */
  readonly sendsTo?: string
  /**
   * How much of the conversation before the text it reads, in UTF-16 units; 0 reads the text alone.
   * Bounded, so that the cost of a conversation grows with its length and not with its square.
   */
  readonly contextCharacters: number
  /** The longest span it can report, in characters; undefined when it reports none and so cannot redact. */
  readonly maxSpanCharacters?: number
}

/** A loaded detector. */
export interface LoadedDetector {
  /** `sha256:…` over everything the scores depend on: code version, weights, calibration, options. */
  readonly digest: string
  /** Benign scores that `.atFalsePositiveRate()` resolves through; undefined when there are none. */
  readonly calibration?: Calibration
  /**
   * Measures one subject. Throws, or rejects, for a fault: the pipeline turns it into `failed`.
   * @param options.signal aborted when the budget is spent or the caller went away
   */
  measure(subject: Subject, options: { readonly signal: AbortSignal }): Promise<Measurement>
  close?(): Promise<void>
}

/**
 * Measures a subject; never blocks anything. A descriptor, and a loader that is called once, when first needed.
 * `Label` lets the compiler check the labels that rules name.
 */
export interface Detector<Label extends string = string> {
  readonly descriptor: DetectorDescriptor<Label>
  load(): Promise<LoadedDetector>
}
