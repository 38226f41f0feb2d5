import { unknownPart } from '../wire/unknown-part.ts'
import { isObject, type WireObject } from '../wire/wire-object.ts'
import { answerMalformed } from './answer-malformed.ts'
import type { JudgedChoices } from './judged-choices.ts'
import type { AnswerReader, AnswerWriter } from './protocol.ts'

/**
 * Reads an answer to a text generation. A stream has the events of text-generation-inference (tokens, and at last the
 * whole text), or the chunks of a completion, as the provider's route gives them. Other sequences of `best_of` are choices.
 */
export function textReader(choices: JudgedChoices, writer: AnswerWriter): AnswerReader {
  let streamed = ''

  async function text(index: number, value: unknown): Promise<void> {
    if (typeof value !== 'string') throw answerMalformed('a text that is none')
    await choices.text(index, 'content', value)
  }

  /** The sequences beside the first, whole, and then the end of each. */
  async function finish(details: unknown): Promise<void> {
    const given = isObject(details) ? details : {}
    writer.head({ details })
    const sequences: readonly unknown[] = Array.isArray(given['best_of_sequences'])
      ? given['best_of_sequences']
      : []
    for (const [place, sequence] of sequences.entries()) {
      if (!isObject(sequence)) throw answerMalformed('a sequence that is none')
      await text(place + 1, sequence['generated_text'])
    }
    await choices.end(0, given['finish_reason'])
    for (const [place, sequence] of sequences.entries())
      await choices.end(place + 1, isObject(sequence) ? sequence['finish_reason'] : undefined)
  }

  async function token(event: WireObject): Promise<void> {
    const { token: given, generated_text: whole, details } = event
    // A special token is no text: readers leave it out, and so does the guard.
    if (isObject(given) && given['special'] !== true) {
      await text(0, given['text'])
      streamed += String(given['text'])
    }
    if (whole === undefined || whole === null) return
    if (typeof whole !== 'string') throw answerMalformed('a text that is none')
    // The whole text once more; with the prompt before it, or trimmed, it is another text.
    if (whole !== streamed) await choices.text(0, 'full_text', whole)
    await finish(details)
  }

  async function chunk(given: readonly unknown[]): Promise<void> {
    for (const [place, choice] of given.entries()) {
      if (!isObject(choice)) throw answerMalformed('a choice that is none')
      const index = Number(choice['index'] ?? place)
      await text(index, choice['text'] ?? '')
      if (typeof choice['finish_reason'] === 'string') await choices.end(index, choice['finish_reason'])
    }
  }

  return {
    async whole(answer) {
      if (answer['generated_text'] === undefined) throw unknownPart('?', 'answer')
      await text(0, answer['generated_text'])
      await finish(answer['details'])
    },
    async piece(piece) {
      writer.head(piece)
      if (isObject(piece['token'])) return token(piece)
      if (Array.isArray(piece['choices'])) return chunk(piece['choices'])
      throw unknownPart(piece['object'], 'answer')
    },
  }
}
