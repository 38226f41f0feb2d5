import type { Detector, LoadedDetector } from '../detector/detector.ts'
import type { Measurement } from '../detector/measurement.ts'
import type { Message } from '../subject/message.ts'
import type { Stage } from '../subject/stage.ts'
import { detectLanguage } from '../text/language.ts'
import { normalizeText } from '../text/normalize.ts'
import { boundedConversation } from './context.ts'
import { measure } from './measure.ts'

/** One text for one detector, without a policy. */
export interface SingleMeasurement {
  readonly detector: Detector
  readonly loaded: LoadedDetector
  readonly stage: Stage
  readonly text: string
  readonly conversation?: readonly Message[]
  /** @default none */
  readonly signal?: AbortSignal
}

/**
 * Measures a text exactly as the pipeline does: normalised, within the detector's coverage, held to the contract.
 * Spans are offsets of `text`.
 */
export async function measureOnce(single: SingleMeasurement): Promise<Measurement> {
  const { detector, loaded, stage, text, conversation = [], signal = new AbortController().signal } = single
  const normalized = normalizeText(text)
  const { contextCharacters, coverage } = detector.descriptor
  const subject = {
    stage,
    text: normalized.text,
    conversation: boundedConversation(conversation, contextCharacters),
    language: coverage.languages === 'any' ? undefined : await detectLanguage(normalized.text),
  }
  return measure({ detector, loaded, subject, normalized, signal })
}
