import { isObject as isWireObject } from '../wire/wire-object.ts'

/** An object as JSON holds it, to be written to. Nothing of it is taken for granted: it came over a wire. */
export type Json = Record<string, unknown>

export const isObject = (value: unknown): value is Json => isWireObject(value)

/** The object, or an empty one in the place of anything else. */
export const objectOf = (value: unknown): Json => (isObject(value) ? value : {})

/** The list, or an empty one in the place of anything else. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

/** The value of a JSON text; undefined when it is none, or no object and no list. */
export function nestedJson(text: string): Json | readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Json) : undefined
  } catch {
    return undefined
  }
}

/** The table's entry for a word that came over a wire: `constructor` is no entry. */
export const entryOf = <Value>(table: Readonly<Record<string, Value>>, word: unknown): Value | undefined =>
  typeof word === 'string' && Object.hasOwn(table, word) ? table[word] : undefined
