import { createIds } from '../../answer/known-forms.ts'
import { adapterError } from '../../errors/codes.ts'
import { isObject, type Json, listOf, numberOf, objectOf, textOf } from '../json-value.ts'
import type { Parts } from '../parts.ts'
import type { Protocol, WireAnswer } from '../protocol.ts'
import type { AskedRequest } from '../request-slots.ts'
import { type ChatChoice, createChatChoice } from './chat-choice.ts'
import { chatRequest } from './chat-request.ts'
import { createChatWriter } from './chat-writer.ts'

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue })

/** An error that the provider puts in the place of an answer, or of the rest of it. */
function refuseError({ error }: Json): void {
  if (error === undefined || error === null) return
  throw adapterError('PARAPET_ADAPTER_PROVIDER_FAILED', { kind: 'error' })
}

function chatAnswer(asked: AskedRequest, parts: Parts): WireAnswer {
  const { structured, toolNames, audioFormat } = asked
  const writer = createChatWriter(asked)
  const idOf = createIds()
  const choices = new Map<number, ChatChoice>()

  function choiceAt(given: Json): ChatChoice {
    const index = numberOf(given['index']) ?? 0
    if (!Number.isInteger(index) || index < 0 || index > 127) throw malformed('a choice has no index')
    const known = choices.get(index)
    if (known) return known
    const setup = { parts, writer, structured, toolNames, audioFormat, idOf }
    const choice = createChatChoice(index, setup)
    choices.set(index, choice)
    return choice
  }

  async function finish(): Promise<void> {
    await parts.finish()
    end()
  }

  let told = false
  function end(): void {
    if (told || !parts.over) return
    told = true
    writer.end(parts.over)
  }

  return {
    async takeWhole(body) {
      refuseError(body)
      writer.head(body)
      writer.usage(body['usage'])
      if (!Array.isArray(body['choices']) || body['choices'].length === 0)
        throw malformed('it has no choices')
      for (const given of body['choices'].map(objectOf)) {
        if (!isObject(given['message'])) throw malformed('a choice has no message')
        const choice = choiceAt(given)
        if (choice.ended) throw malformed('two choices have one index')
        await choice.take(given['message'])
        await choice.end(textOf(given['finish_reason']) ?? 'stop')
      }
      await finish()
    },

    async take(event) {
      if (parts.over) return
      refuseError(event)
      writer.head(event)
      writer.usage(event['usage'])
      for (const given of listOf(event['choices']).map(objectOf)) {
        const choice = choiceAt(given)
        if (given['delta'] === undefined && given['message'] !== undefined)
          throw malformed('a choice of a stream has no delta')
        await choice.take(objectOf(given['delta']))
        const reason = textOf(given['finish_reason'])
        if (reason !== undefined) await choice.end(reason)
      }
      end()
    },

    async close() {
      if (parts.over) return
      const whole = choices.size > 0 && [...choices.values()].every(({ ended }) => ended)
      if (!whole) throw adapterError('PARAPET_ADAPTER_STREAM_ENDED', undefined)
      await finish()
    },

    drain: writer.drain,
    body: writer.body,
  }
}

/** `POST …/chat/completions`. */
export const chatProtocol: Protocol = {
  request: chatRequest,
  answer: chatAnswer,
  filtered(asked, { decision, message, ticket }) {
    const writer = createChatWriter(asked)
    writer.end({ kind: 'filtered', decision, message, ...(ticket === undefined ? {} : { ticket }) })
    return writer
  },
}
