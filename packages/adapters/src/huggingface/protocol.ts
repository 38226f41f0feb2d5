import type { Message, MessageInput } from '@parapet/sdk'
import type { WireObject } from '../wire/wire-object.ts'
import type { ChoiceWriter, Ending, JudgedChoices } from './judged-choices.ts'

/** A request as the guard reads it. */
export interface AskedRequest {
  readonly messages: readonly MessageInput[]
  readonly structured: boolean
  readonly toolNames: ReadonlySet<unknown>
  readonly model: unknown
  /** The arguments of the call with the texts of the released messages. */
  apply(released: readonly Message[]): Record<string, unknown>
}

/** Writes a released answer, in pieces and in one. Every member of either is made here. */
export interface AnswerWriter extends ChoiceWriter {
  /** What an answer says of itself, from any piece of it. */
  head(given: WireObject): void
  /** Ends the answer. */
  end(ending: Ending): void
  /** The pieces that have become due, and are then forgotten. */
  drain(): WireObject[]
  /** The released answer in one piece, once it is over. */
  body(): WireObject
}

/** Reads an answer. */
export interface AnswerReader {
  /** Takes a whole answer. */
  whole(answer: WireObject): Promise<void>
  /** Takes a piece of one. */
  piece(piece: WireObject): Promise<void>
}

/** One of the client's two ways to ask a model for text. */
export interface Protocol {
  /** @throws PARAPET_ADAPTER_PART_UNKNOWN */
  request(args: Record<string, unknown>): AskedRequest
  writer(asked: AskedRequest): AnswerWriter
  reader(choices: JudgedChoices, writer: AnswerWriter): AnswerReader
}
