import { jsonText } from '../wire/json-text.ts'
import { unknownPart } from '../wire/unknown-part.ts'
import { isObject, type WireObject } from '../wire/wire-object.ts'
import { answerMalformed } from './answer-malformed.ts'
import type { JudgedChoices, Member } from './judged-choices.ts'
import type { AnswerReader, AnswerWriter } from './protocol.ts'

const isNothing = (value: unknown) => value === undefined || value === null || value === ''

/** Reads an answer to a chat: every choice, and of each its reasoning, content, refusal and tool calls. */
export function chatReader(choices: JudgedChoices, writer: AnswerWriter): AnswerReader {
  async function text(index: number, member: Member, value: unknown): Promise<void> {
    if (isNothing(value)) return
    // A list of parts: no provider's text that this version can read.
    if (typeof value !== 'string') throw unknownPart(kindOf(value), 'answer')
    await choices.text(index, member, value)
  }

  /** A delta of a stream and a whole message have the same members. */
  async function take(index: number, message: WireObject): Promise<void> {
    const { reasoning_content, reasoning, content, refusal, tool_calls: calls } = message
    await text(index, 'reasoning_content', isNothing(reasoning_content) ? reasoning : reasoning_content)
    await text(index, 'content', content)
    await text(index, 'refusal', refusal)
    const list = isNothing(calls) ? [] : Array.isArray(calls) ? calls : [calls]
    for (const [place, call] of list.entries()) takeCall(index, call, place)
  }

  function takeCall(index: number, call: unknown, place: number): void {
    if (!isObject(call)) throw answerMalformed('a tool call that is none')
    const { type, id, function: called, index: at = place } = call
    if (!isNothing(type) && type !== 'function') throw unknownPart(type, 'answer')
    if (!isObject(called)) throw answerMalformed('a tool call without its function')
    const { name, arguments: given } = called
    choices.call(index, Number(at), {
      id,
      name: typeof name === 'string' ? name : '',
      text: typeof given === 'string' ? given : isNothing(given) ? '' : jsonText(given),
    })
  }

  async function takeAll(answer: WireObject, member: 'message' | 'delta'): Promise<void> {
    writer.head(answer)
    const { choices: given } = answer
    if (!Array.isArray(given)) throw unknownPart(answer['object'], 'answer')
    const ends: { readonly index: number; readonly reason: unknown }[] = []
    for (const [place, choice] of given.entries()) {
      if (!isObject(choice)) throw answerMalformed('a choice that is none')
      const index = Number(choice['index'] ?? place)
      const message = choice[member]
      if (isObject(message)) await take(index, message)
      else if (member === 'message') throw answerMalformed('a choice without its message')
      if (!isNothing(choice['finish_reason']) || member === 'message')
        ends.push({ index, reason: choice['finish_reason'] })
    }
    for (const { index, reason } of ends) await choices.end(index, reason)
  }

  return {
    whole: (answer) => takeAll(answer, 'message'),
    piece: (piece) => takeAll(piece, 'delta'),
  }
}

const kindOf = (value: unknown): unknown => {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return isObject(first) ? first['type'] : undefined
}
