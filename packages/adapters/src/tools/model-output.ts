import { adapterError } from '../errors/codes.ts'
import { json, list, media, type Piece, text } from '../tool-call/piece.ts'
import { filePiece } from './file-piece.ts'

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null

function unknown(type: unknown): Error {
  const named = typeof type === 'string' && /^[\w-]{1,40}$/.test(type) ? type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type: named, where: 'tool result' })
}

/** An output with one of its members judged; the rest is the developer's own. */
function judged(output: Members, key: string, piece: (value: unknown) => Piece<unknown>): Piece<Members> {
  if (output[key] === undefined) return { parts: [], with: () => output }
  const member = piece(output[key])
  return { parts: member.parts, with: (texts) => ({ ...output, [key]: member.with(texts) }) }
}

const asText = (value: unknown) => text(String(value))

function contentPiece(piece: unknown): Piece<unknown> {
  if (!isObject(piece)) throw unknown(typeof piece)
  if (piece['type'] === 'text') return judged(piece, 'text', asText)
  if (piece['type'] === 'custom') return media('custom/tool-result', piece)
  return filePiece(piece)
}

/** Reads what a `toModelOutput` of the AI SDK gave. @throws PARAPET_ADAPTER_PART_UNKNOWN */
export function modelOutput(output: unknown): Piece<Members> {
  if (!isObject(output)) throw unknown(typeof output)
  switch (output['type']) {
    case 'text':
    case 'error-text':
      return judged(output, 'value', asText)
    case 'json':
    case 'error-json':
      return judged(output, 'value', json)
    case 'execution-denied':
      return judged(output, 'reason', asText)
    case 'content':
      if (!Array.isArray(output['value'])) throw unknown(typeof output['value'])
      return judged(output, 'value', (value) => list((value as unknown[]).map(contentPiece)))
    default:
      throw unknown(output['type'])
  }
}
