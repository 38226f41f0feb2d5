import type { ChatMessage, DecoderModel } from '@parapet/runtime'
import type { Detector, DetectorDescriptor, Measurement, Subject } from '@parapet/sdk'
import type { DetectorCalibration } from '../calibration/calibration-file.ts'
import { toCalibration } from '../calibration/to-calibration.ts'
import { fault } from '../errors/codes.ts'
import { checkCoverage, type WeightsCoverage } from '../weights/check-coverage.ts'
import { coversLanguage } from '../weights/covers-language.ts'
import { detectorDigest } from '../weights/detector-digest.ts'
import { type ModelOptions, resolveModelOptions } from '../weights/model-options.ts'
import { openWeights } from '../weights/open-weights.ts'
import { loadOnHost } from '../weights/shared-host.ts'
import { conversationTurns } from './conversation-turns.ts'
import type { DirectionFile } from './direction-file.ts'
import { type DirectionInput, readActivations } from './measure-direction.ts'
import { openDirection } from './open-direction.ts'
import { type DirectionScores, readDirection, sitesOf } from './read-direction.ts'

/** `harmful` is the combined, calibrated score; the others are its two readings. */
export const REFUSAL_DIRECTION_LABELS = ['harmful', 'harmfulness', 'refusal'] as const

export type RefusalDirectionLabel = (typeof REFUSAL_DIRECTION_LABELS)[number]

/** Options of the refusal direction. */
export interface RefusalDirectionOptions extends ModelOptions {
  /**
   * How much of the conversation before a request, or before an answer, is read with it: UTF-16 units, its end. 0 reads
   * a request alone, and an answer without the request it answers.
   * @default 2000
   */
  readonly contextCharacters?: number
}

const ID = 'refusal-direction'
const VERSION = '0.2.0'
const SENTINEL_WEIGHTS = '@parapet/model-sentinel'
/** What is longer than this a token is taken as too long without counting its tokens: English has about four. */
const CHARACTERS_PER_TOKEN = 16
/** The limit that the descriptor states before the direction file, which has its own, is loaded. */
const USUAL_MAX_TOKENS = 2048
const USUAL_CONTEXT_CHARACTERS = 2000
const MOST_CONTEXT_CHARACTERS = 100_000

/**
 * Measures how harmful a request is, out of the activations of a small open chat model that reads it as its user's
 * turn: one truncated pass, no answer is written. An answer (`output`) is read as that model's own, behind the request
 * it answers; one that grows costs its new tokens alone. After Arditi et al. 2024, arXiv 2406.11717. `docs/detectors/refusal-direction.md` says what it misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…` and `PARAPET_DETECTOR_…`
 */
export function refusalDirection(options: RefusalDirectionOptions = {}): Detector<RefusalDirectionLabel> {
  const resolved = resolveModelOptions(ID, options, SENTINEL_WEIGHTS, ['contextCharacters'])
  const contextCharacters = checkContext(options.contextCharacters ?? USUAL_CONTEXT_CHARACTERS)
  const { weights, host, maxTokens, languages } = resolved
  const maxCharacters = (maxTokens ?? USUAL_MAX_TOKENS) * CHARACTERS_PER_TOKEN
  const descriptor: DetectorDescriptor<RefusalDirectionLabel> = {
    id: ID,
    version: VERSION,
    labels: REFUSAL_DIRECTION_LABELS,
    options: { weights, languages, contextCharacters, ...(maxTokens === undefined ? {} : { maxTokens }) },
    coverage: { stages: ['input', 'toolResult', 'output'], languages, maxCharacters },
    tier: 'model',
    contextCharacters,
  }

  async function load() {
    const { folder, written, calibration } = await openWeights(weights, 'decoder', ID)
    const { manifest } = folder
    const file = await openDirection(folder)
    checkMaps(calibration, manifest.id)
    const limit = checkCoverage(ID, resolved, manifest.id, both(file.metadata.coverage, calibration.coverage))
    return loadOnHost(host, async (on) => {
      const model = on.decoder(folder)
      await warm(model, file)
      return {
        digest: detectorDigest(descriptor, written),
        calibration: toCalibration(calibration, REFUSAL_DIRECTION_LABELS),
        async measure(subject, { signal }): Promise<Measurement> {
          if (subject.stage === 'output' && !file.answer) return { kind: 'abstained', reason: 'stage' }
          if (subject.text.length > maxCharacters) return { kind: 'abstained', reason: 'length' }
          const scores = await readSubject(model, file, subject, limit, signal)
          if (!scores) return { kind: 'abstained', reason: 'length' }
          return coversLanguage(languages, subject)
            ? { kind: 'scored', scores }
            : { kind: 'abstained', reason: 'language', scores }
        },
      }
    })
  }

  return { descriptor, load }
}

/** The scores come calibrated out of the direction file; another map on top would need other thresholds. */
function checkMaps({ labels }: DetectorCalibration, model: string): void {
  for (const [label, { map }] of Object.entries(labels)) {
    if (map.kind === 'none') continue
    const path = `detectors.${ID}.labels.${label}.map.kind`
    const problem = `it is "${map.kind}", expected "none"`
    throw fault('PARAPET_DETECTOR_CALIBRATION_INVALID', { model, path, problem })
  }
}

/** What both the direction and its thresholds were made for. */
function both(direction: WeightsCoverage, calibration: WeightsCoverage): WeightsCoverage {
  return {
    languages: direction.languages.filter((language) => calibration.languages.includes(language)),
    maxTokens: Math.min(direction.maxTokens, calibration.maxTokens),
  }
}

/** Loads the graph for all that is read, and runs it once. */
async function warm(model: DecoderModel, file: DirectionFile): Promise<void> {
  const readers = [file.tokens, file.answer].filter((reader) => reader !== undefined)
  if (readers.length === 0) return model.warm({ sites: sitesOf(file) })
  const readings = readers.map(({ reading }) => reading)
  await model.readTokens({ messages: [{ role: 'user', content: 'a' }], sites: sitesOf(file), readings })
}

/** The scores of a subject, or undefined when it has more than `maxTokens` tokens, the template's included. */
async function readSubject(
  model: DecoderModel,
  file: DirectionFile,
  subject: Subject,
  maxTokens: number,
  signal: AbortSignal,
): Promise<Record<RefusalDirectionLabel, number> | undefined> {
  const options = { maxTokens, signal }
  const read = await readActivations(model, file, inputOf(subject), options).catch((cause: unknown) => {
    throw signal.aborted ? fault('PARAPET_DETECTOR_ABORTED', { detector: ID }, { cause }) : cause
  })
  if ('kind' in read) return undefined
  return checked(readDirection(file, sitesOf(file), read), model.manifest.id)
}

/** A document that a tool brought stands alone; a request and an answer are read behind what was said before. */
function inputOf({ stage, text, conversation }: Subject): DirectionInput {
  if (stage === 'toolResult') return { messages: [{ role: 'user', content: text }] }
  const before = conversationTurns(conversation)
  if (stage !== 'output') return { messages: joinTurn(before, text) }
  // Nothing is known of the request: an answer to an empty one.
  const asked = before.at(-1)?.role === 'user' ? before : joinTurn(before, '')
  return { messages: asked, answer: text }
}

/** The conversation with one more user's text: a user who goes on speaks in the same turn, as templates demand. */
function joinTurn(before: readonly ChatMessage[], text: string): ChatMessage[] {
  const last = before.at(-1)
  if (last?.role !== 'user') return [...before, { role: 'user', content: text }]
  return [...before.slice(0, -1), { role: 'user', content: `${last.content}\n\n${text}` }]
}

function checkContext(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= MOST_CONTEXT_CHARACTERS) return value
  throw fault('PARAPET_DETECTOR_OPTION_INVALID', {
    detector: ID,
    option: 'contextCharacters',
    received: String(value),
    expected: `a whole number from 0 to ${MOST_CONTEXT_CHARACTERS}`,
  })
}

function checked(scores: DirectionScores, model: string): Record<RefusalDirectionLabel, number> {
  for (const label of REFUSAL_DIRECTION_LABELS) {
    const received = String(scores[label])
    if (!Number.isFinite(scores[label])) {
      throw fault('PARAPET_DETECTOR_SCORE_INVALID', { detector: ID, label, model, received })
    }
  }
  return { ...scores }
}
