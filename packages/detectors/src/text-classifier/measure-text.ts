import type { EncoderRead } from '@parapet/runtime'
import type { Measurement, Subject } from '@parapet/sdk'
import type { DetectorCalibration } from '../calibration/calibration-file.ts'
import { fault } from '../errors/codes.ts'
import { coversLanguage } from '../weights/covers-language.ts'
import type { Scorer } from './scorer.ts'
import type { TextReader } from './text-reader.ts'

/** What is longer than this a token is taken as too long without counting its tokens: English has about four. */
export const CHARACTERS_PER_TOKEN = 16

/** What a classifier over a text encoder may be asked about. */
export interface Limits {
  readonly maxCharacters: number
  readonly minCharacters: number
  readonly maxTokens: number
  readonly languages: readonly string[]
}

/** The limits of loaded weights: those of the descriptor, and of the calibration where it is narrower. */
export function limitsOf(
  maxCharacters: number,
  maxTokens: number,
  languages: readonly string[],
  { coverage }: Pick<DetectorCalibration, 'coverage'>,
): Limits {
  return {
    maxCharacters: Math.min(maxCharacters, maxTokens * CHARACTERS_PER_TOKEN),
    maxTokens,
    minCharacters: coverage.minCharacters,
    languages,
  }
}

/** Measures one text with a reader and a scorer, wherever the reader computes. */
export async function measureText(
  detector: string,
  reader: TextReader,
  scorer: Scorer,
  limits: Limits,
  subject: Subject,
  signal: AbortSignal,
): Promise<Measurement> {
  const { text } = subject
  if (text.length > limits.maxCharacters) return { kind: 'abstained', reason: 'length' }
  const reading = await reader.read(text, { maxTokens: limits.maxTokens, signal }).catch((cause: unknown) => {
    throw signal.aborted ? fault('PARAPET_DETECTOR_ABORTED', { detector }, { cause }) : cause
  })
  if (reading.kind === 'too-long') return { kind: 'abstained', reason: 'length' }
  const scores = scorer(reading)
  if (text.length < limits.minCharacters) return { kind: 'abstained', reason: 'length', scores }
  const covered = coversLanguage(limits.languages, subject) && isReadable(reading)
  return covered ? { kind: 'scored', scores } : { kind: 'abstained', reason: 'language', scores }
}

/** Text that is mostly outside the vocabulary is in a script that the encoder never learned, whatever its score. */
function isReadable({ tokens, unknownTokens }: EncoderRead): boolean {
  return unknownTokens * 2 <= tokens
}
