import { type Json, listOf, nestedJson, textOf } from './json-value.ts'

/** Whether a text that a tool returned is read as JSON: it is, or it begins like it and has escapes. */
export const readsAsJson = (text: string): boolean =>
  nestedJson(text) !== undefined || (/^\s*[[{"]/.test(text) && text.includes('\\'))

/** Members of a part as one JSON text, and back. */
export interface JudgedMembers {
  readonly text: string
  /** The members that are there, in the text's order. */
  readonly names: readonly string[]
  /** Those whose text is JSON itself. */
  readonly nested: readonly string[]
  /** The members with what was released of their JSON; as they came, when nothing was edited. */
  restore(released: string): Json
}

/** Members out of the JSON text that they were judged as. */
export function membersOf(
  released: string,
  { names, nested }: Pick<JudgedMembers, 'names' | 'nested'>,
): Json {
  const values = listOf(JSON.parse(released))
  return Object.fromEntries(
    names.map((name, index) => [name, nested.includes(name) ? JSON.stringify(values[index]) : values[index]]),
  )
}

/**
 * Some members of an object as the JSON that is judged: a list of their values. JSON within a member's text is judged by
 * its own leaves, since whoever reads the member decodes it.
 */
export function judgedMembers(object: Json, known: readonly string[]): JudgedMembers | undefined {
  const names = known.filter((name) => object[name] !== undefined && object[name] !== null)
  if (names.length === 0) return undefined
  const inner = new Map(names.map((name) => [name, nestedJson(textOf(object[name]) ?? '')]))
  const nested = names.filter((name) => inner.get(name) !== undefined)
  const text = JSON.stringify(names.map((name) => inner.get(name) ?? object[name]))
  return {
    text,
    names,
    nested,
    restore: (released) =>
      released === text
        ? Object.fromEntries(names.map((name) => [name, object[name]]))
        : membersOf(released, { names, nested }),
  }
}
