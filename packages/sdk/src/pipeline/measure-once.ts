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

/** A text that is too long is halved so often at most before its beginning is given up. */
const MOST_HALVINGS = 12

/**
 * Measures a text exactly as the pipeline does: normalised, within the detector's coverage, held to the contract.
 * Spans are offsets of `text`. A text that is too long is abstained from, with the scores of its beginning: of as
 * much of it as the detector reads.
 */
export async function measureOnce(single: SingleMeasurement): Promise<Measurement> {
  const measurement = await measureText(single, single.text)
  if (measurement.kind !== 'abstained' || measurement.reason !== 'length' || measurement.scores)
    return measurement
  let length = Math.min(single.text.length, single.detector.descriptor.coverage.maxCharacters)
  for (let halving = 0; halving < MOST_HALVINGS && length > 0; halving++) {
    const head = await measureText(single, single.text.slice(0, length))
    if (head.kind === 'failed') return head
    if (head.scores) return { ...measurement, scores: head.scores }
    length = Math.floor(length / 2)
  }
  return measurement
}

async function measureText(single: SingleMeasurement, text: string): Promise<Measurement> {
  const { detector, loaded, stage, conversation = [], signal = new AbortController().signal } = single
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
