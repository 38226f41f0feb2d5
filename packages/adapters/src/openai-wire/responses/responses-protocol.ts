import { createIds } from '../../answer/known-forms.ts'
import { adapterError } from '../../errors/codes.ts'
import { entryOf, isObject, type Json, listOf, numberOf, objectOf, textOf } from '../json-value.ts'
import type { Parts } from '../parts.ts'
import type { Protocol, WireAnswer } from '../protocol.ts'
import type { AskedRequest } from '../request-slots.ts'
import { createResponseItem, type ResponseItem } from './response-item.ts'
import { responsesRequest } from './responses-request.ts'
import { createResponsesWriter } from './responses-writer.ts'
import type { PartKind } from './written-item.ts'

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue })
const failed = () => adapterError('PARAPET_ADAPTER_PROVIDER_FAILED', { kind: 'error' })

/** Events that bring a piece of text, and those that end one. Other events repeat an item that comes whole, or are news of progress. */
const TEXTS: Readonly<Record<string, readonly [kind: PartKind, index: string, member: string]>> = {
  'response.output_text': ['output_text', 'content_index', 'text'],
  'response.refusal': ['refusal', 'content_index', 'refusal'],
  'response.reasoning_text': ['reasoning_text', 'content_index', 'text'],
  'response.reasoning_summary_text': ['summary_text', 'summary_index', 'text'],
}

function responsesAnswer(asked: AskedRequest, parts: Parts): WireAnswer {
  const { structured, toolNames } = asked
  const writer = createResponsesWriter(asked)
  const setup = { parts, writer, structured, toolNames, idOf: createIds() }
  const items = new Map<number, ResponseItem>()
  let told = false

  function placeOf(value: unknown): number {
    const index = numberOf(value)
    if (index !== undefined && Number.isInteger(index) && index >= 0 && index < 4_096) return index
    throw malformed('an event has no index')
  }

  function item(index: number, first?: Json): ResponseItem {
    const known = items.get(index)
    if (known) return known
    if (!first) throw malformed('a text comes before its item')
    const begun = createResponseItem(`item ${index}`, first, setup)
    items.set(index, begun)
    return begun
  }

  function end(): void {
    if (told || !parts.over) return
    told = true
    writer.end(parts.over)
  }

  /** The answer is whole, as the provider gives it once more: items that did not stream are here alone. */
  async function finish(response: Json): Promise<void> {
    const { status, output, error } = response
    writer.head(response)
    if (status === 'failed' || isObject(error)) throw failed()
    if (status !== undefined && status !== 'completed' && status !== 'incomplete')
      throw malformed('it is not finished')
    if (!Array.isArray(output) && items.size === 0) throw malformed('it has no output')
    for (const [index, given] of listOf(output).entries()) {
      const own = objectOf(given)
      await item(index, own).end(own)
    }
    if ([...items.values()].some(({ done }) => !done)) throw malformed('an item has no end')
    writer.status(response)
    await parts.finish()
    end()
  }

  async function takeText(event: Json, type: string): Promise<void> {
    const cut = type.lastIndexOf('.')
    const [kind, index, member] = entryOf(TEXTS, type.slice(0, cut)) ?? []
    if (!kind || !index || !member) return
    const own = item(placeOf(event['output_index']))
    const at = placeOf(event[index])
    if (type.endsWith('.delta')) await own.delta(kind, at, event['delta'])
    else if (type.endsWith('.done')) await own.endText(kind, at, event[member])
  }

  return {
    takeWhole: finish,

    async take(event) {
      if (parts.over) return
      const type = textOf(event['type']) ?? ''
      switch (type) {
        case 'error':
        case 'response.failed':
          throw failed()
        case 'response.created':
        case 'response.in_progress':
          writer.head(objectOf(event['response']))
          break
        case 'response.output_item.added': {
          const index = placeOf(event['output_index'])
          if (items.has(index)) throw malformed('two items have one index')
          item(index, objectOf(event['item']))
          break
        }
        case 'response.output_item.done': {
          const given = objectOf(event['item'])
          await item(placeOf(event['output_index']), given).end(given)
          break
        }
        case 'response.completed':
        case 'response.incomplete':
          await finish(objectOf(event['response']))
          break
        default:
          if (isObject(event['error'])) throw failed()
          await takeText(event, type)
      }
      end()
    },

    async close() {
      if (!parts.over) throw adapterError('PARAPET_ADAPTER_STREAM_ENDED', undefined)
    },

    drain: writer.drain,
    body: writer.body,
  }
}

/** `POST …/responses`. */
export const responsesProtocol: Protocol = {
  request: responsesRequest,
  answer: responsesAnswer,
  filtered(asked, { decision, message, ticket }) {
    const writer = createResponsesWriter(asked)
    writer.end({ kind: 'filtered', decision, message, ...(ticket === undefined ? {} : { ticket }) })
    return writer
  },
}
