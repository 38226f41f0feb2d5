import { jsonText } from './json-text.ts'
import type { ResultPart } from './tool-guard.ts'

/** Something that a tool gave: its judged parts, and the same thing again with the texts that were released. */
export interface Piece<Value> {
  readonly parts: readonly ResultPart[]
  with(texts: readonly string[]): Value
}

/** A value that holds no text of anybody's: a number, a name out of a list. */
export const fixed = <Value>(value: Value): Piece<Value> => ({ parts: [], with: () => value })

/** A text. */
export const text = (value: string): Piece<string> => ({
  parts: [{ text: value }],
  with: ([released = '']) => released,
})

/** Any JSON, judged by its decoded leaves. @throws PARAPET_ADAPTER_TOOL_NOT_JSON */
export const json = <Value>(value: Value): Piece<Value> => ({
  parts: [{ text: jsonText(value, 'toolResult'), json: true }],
  with: ([released = 'null']) => JSON.parse(released) as Value,
})

/** What nothing can read: it goes to onAbstain, and passes as it is or not at all. */
export const media = <Value>(mediaType: unknown, value: Value): Piece<Value> => ({
  parts: [{ media: typeof mediaType === 'string' ? mediaType : 'application/octet-stream' }],
  with: () => value,
})

/** Several pieces as one, in order. */
export function list<Value>(pieces: readonly Piece<Value>[]): Piece<Value[]> {
  return {
    parts: pieces.flatMap(({ parts }) => parts),
    with(texts) {
      let next = 0
      return pieces.map((piece) => {
        const own = texts.slice(next, next + piece.parts.length)
        next += own.length
        return piece.with(own)
      })
    },
  }
}

/** An object of pieces; a member that is undefined is left out. */
export function members<Value extends object>(
  pieces: {
    readonly [Key in keyof Value]: Piece<Value[Key]> | undefined
  },
): Piece<Value> {
  const entries = Object.entries(pieces) as [string, Piece<unknown> | undefined][]
  const present = entries.flatMap(([key, piece]) => (piece ? [[key, piece] as const] : []))
  const all = list(present.map(([, piece]) => piece))
  return {
    parts: all.parts,
    with(texts) {
      const values = all.with(texts)
      return Object.fromEntries(present.map(([key], index) => [key, values[index]])) as Value
    },
  }
}
