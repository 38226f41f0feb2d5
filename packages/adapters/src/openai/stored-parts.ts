import type { Answer, AnswerPart, JsonObject } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'
import { type Json, listOf, numberOf, textOf } from '../openai-wire/json-value.ts'
import { membersOf } from '../openai-wire/judged-json.ts'

/** A part of a stored answer, as both of OpenAI's APIs need it. */
export type StoredPart =
  | { readonly kind: 'text'; readonly member: string; readonly choice: number; readonly text: string }
  | { readonly kind: 'reasoning'; readonly choice: number; readonly text: string }
  | {
      readonly kind: 'call'
      readonly choice: number
      readonly type: 'function' | 'custom'
      /** Missing for the one `function_call` of old. */
      readonly id: string | undefined
      readonly name: string
      readonly text: string
    }
  /** An item of a tool that the provider ran. */
  | { readonly kind: 'item'; readonly item: Json }

const choiceOf = (origin: JsonObject) => numberOf(origin['choice']) ?? 0
const namesIn = (value: unknown) => listOf(value).map(String)

function callOf(part: AnswerPart, origin: JsonObject, text: string, name: string | undefined): StoredPart {
  const type = origin['type'] === 'custom' ? 'custom' : 'function'
  return {
    kind: 'call',
    choice: choiceOf(origin),
    type,
    id: textOf(origin['id']),
    name: name ?? ('toolName' in part ? part.toolName : ''),
    text: type === 'custom' ? String(JSON.parse(text)) : text,
  }
}

/**
 * The parts of a stored answer in its order. Citations are left out: what they point into may have been edited. Media is
 * not stored.
 * @throws PARAPET_ADAPTER_ANSWER_FOREIGN when another adapter stored it
 */
export function storedParts({ parts }: Answer): StoredPart[] {
  const stored: StoredPart[] = []
  /** What an empty part has announced of the text that follows it. */
  let announced: JsonObject | undefined
  let name: string | undefined
  let members: Json = {}
  for (const part of parts) {
    if ('media' in part) continue
    const { origin = {}, text, stage } = part
    const kind = origin['kind']
    if (kind === 'text' && text === '') {
      announced = origin
      continue
    }
    if (kind === 'tool-name') name = String(JSON.parse(text))
    else if (kind === 'members')
      Object.assign(
        members,
        membersOf(text, { names: namesIn(origin['names']), nested: namesIn(origin['nested']) }),
      )
    else if (kind === 'item') {
      const { kind: _, ...names } = origin
      stored.push({ kind: 'item', item: { ...names, ...members } })
      members = {}
    } else if (kind === 'call') {
      stored.push(callOf(part, origin, text, name))
      name = undefined
    } else if (stage === 'reasoning')
      stored.push({ kind: 'reasoning', choice: choiceOf(announced ?? origin), text })
    else if (stage === 'output') {
      const of = announced ?? origin
      const isText = kind === undefined || kind === 'text'
      if (isText)
        stored.push({ kind: 'text', member: textOf(of['member']) ?? 'content', choice: choiceOf(of), text })
    } else throw adapterError('PARAPET_ADAPTER_ANSWER_FOREIGN', { stage })
    announced = undefined
  }
  return stored
}

/** Media types of parts that are not stored. */
export const missingMedia = ({ parts }: Answer): string[] =>
  parts.flatMap((part) => ('media' in part ? [part.media] : []))
