import { isObject, type Json, nestedJson } from './json-value.ts'

/** Whether a reader of JSON could decode something out of a text: prose beside tool calls has nothing to decode. */
export const mayHide = (text: string): boolean => /[{["\\]/.test(text)

/** Whether a text that a tool returned is read as JSON: it is, or it begins like it and has escapes. */
export const readsAsJson = (text: string): boolean =>
  nestedJson(text) !== undefined || (/^\s*[[{"]/.test(text) && text.includes('\\'))

/** Members of a part as one JSON text, and back. */
export interface JudgedMembers {
  readonly text: string
  /** Members whose text is JSON itself. */
  readonly nested: ReadonlySet<string>
  /** The members with what was released of their JSON; as they came, when nothing was edited. */
  restore(released: string): Json
}

/**
 * Some members of an object as the JSON that is judged. JSON within a member's text is judged by its own leaves, since
 * whoever reads the member decodes it.
 */
export function judgedMembers(object: Json, names: readonly string[]): JudgedMembers | undefined {
  const present = names.filter((name) => object[name] !== undefined && object[name] !== null)
  if (present.length === 0) return undefined
  const nested = new Set<string>()
  const members = Object.fromEntries(
    present.map((name) => {
      const value = object[name]
      const inner = typeof value === 'string' ? nestedJson(value) : undefined
      if (inner !== undefined) nested.add(name)
      return [name, inner ?? value]
    }),
  )
  const text = JSON.stringify(members)
  return {
    text,
    nested,
    restore(released) {
      if (released === text) return Object.fromEntries(present.map((name) => [name, object[name]]))
      const edited: unknown = JSON.parse(released)
      if (!isObject(edited)) return {}
      return Object.fromEntries(
        present.map((name) => [name, nested.has(name) ? JSON.stringify(edited[name]) : edited[name]]),
      )
    },
  }
}
