import type { ChatMessage } from '@parapet/runtime'
import type { Subject } from '@parapet/sdk'
import { fault } from '../errors/codes.ts'
import { conversationTurns } from './conversation-turns.ts'
import type { DirectionFile } from './direction-file.ts'
import { type ActivationsReader, type DirectionInput, readActivations } from './measure-direction.ts'
import { type DirectionScores, readDirection, sitesOf } from './read-direction.ts'

/** `harmful` is the combined, calibrated score; the others are its two readings. */
export const REFUSAL_DIRECTION_LABELS = ['harmful', 'harmfulness', 'refusal'] as const

export type RefusalDirectionLabel = (typeof REFUSAL_DIRECTION_LABELS)[number]

/** Who reads, how much, and how long somebody waits for it. */
export interface SubjectRequest {
  readonly detector: string
  /** The model's id, for the error. */
  readonly model: string
  readonly maxTokens: number
  readonly signal: AbortSignal
}

/**
 * The scores of a subject, or undefined when it has more than `maxTokens` tokens, the template's included.
 * @throws `PARAPET_DETECTOR_SCORE_INVALID`, and what the reader throws
 */
export async function readSubject(
  reader: ActivationsReader,
  file: DirectionFile,
  subject: Subject,
  { detector, model, maxTokens, signal }: SubjectRequest,
): Promise<Record<RefusalDirectionLabel, number> | undefined> {
  const read = await readActivations(reader, file, inputOf(subject), { maxTokens, signal })
  if ('kind' in read) return undefined
  return checked(readDirection(file, sitesOf(file), read), detector, model)
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

function checked(
  scores: DirectionScores,
  detector: string,
  model: string,
): Record<RefusalDirectionLabel, number> {
  for (const label of REFUSAL_DIRECTION_LABELS) {
    const received = String(scores[label])
    if (!Number.isFinite(scores[label])) {
      throw fault('PARAPET_DETECTOR_SCORE_INVALID', { detector, label, model, received })
    }
  }
  return { ...scores }
}
