import { adapterError } from '../errors/codes.ts'
import { jsonText } from '../tool-call/json-text.ts'
import type { ResultPart } from '../tool-call/tool-guard.ts'

type Members = Readonly<Record<string, unknown>>

/** What a `toModelOutput` gave: its judged parts, and the same output with the texts that were released. */
export interface ModelOutput {
  readonly parts: readonly ResultPart[]
  with(texts: readonly string[]): Members
}

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null

function unknown(type: unknown): Error {
  const named = typeof type === 'string' && /^[\w-]{1,40}$/.test(type) ? type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type: named, where: 'tool result' })
}

/** One member of an output that is text. */
function textMember(output: Members, key: string): ModelOutput {
  const text = output[key]
  if (text === undefined) return { parts: [], with: () => output }
  return { parts: [{ text: String(text) }], with: ([released]) => ({ ...output, [key]: released }) }
}

function contentPiece(piece: unknown): ModelOutput {
  if (!isObject(piece)) throw unknown(typeof piece)
  const { type } = piece
  if (type === 'text') return textMember(piece, 'text')
  if (type === 'custom') return { parts: [{ media: 'custom/tool-result' }], with: () => piece }
  const media: ResultPart = { media: String(piece['mediaType'] ?? 'application/octet-stream') }
  // The name of a file is text that the model reads; what is in it, nothing here can read.
  const name = textMember(piece, 'filename')
  return { parts: [...name.parts, media], with: (texts) => name.with(texts) }
}

/** Reads an output of the AI SDK's form. @throws PARAPET_ADAPTER_PART_UNKNOWN */
export function modelOutput(output: unknown): ModelOutput {
  if (!isObject(output)) throw unknown(typeof output)
  switch (output['type']) {
    case 'text':
    case 'error-text':
      return textMember(output, 'value')
    case 'json':
    case 'error-json':
      return {
        parts: [{ text: jsonText(output['value'], 'toolResult'), json: true }],
        with: ([released = 'null']) => ({ ...output, value: JSON.parse(released) }),
      }
    case 'execution-denied':
      return textMember(output, 'reason')
    case 'content': {
      const value = output['value']
      if (!Array.isArray(value)) throw unknown(typeof value)
      const pieces = value.map(contentPiece)
      return {
        parts: pieces.flatMap(({ parts }) => parts),
        with(texts) {
          let next = 0
          return {
            ...output,
            value: pieces.map((piece) => {
              const own = texts.slice(next, next + piece.parts.length)
              next += piece.parts.length
              return piece.with(own)
            }),
          }
        },
      }
    }
    default:
      throw unknown(output['type'])
  }
}
