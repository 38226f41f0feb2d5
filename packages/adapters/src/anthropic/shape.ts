import { ID, matching, NAME } from '../answer/known-forms.ts'
import { jsonText } from '../wire/json-text.ts'
import { unknownPart } from '../wire/unknown-part.ts'
import { isObject, type WireObject } from '../wire/wire-object.ts'

/**
 * What is known of a value of the wire: `text` is judged, `media` is what nothing can read (its words name it), and the
 * others pass in a plain form or not at all. `sealed` is what only the provider can read.
 */
export type Shape =
  | 'text'
  /** Any JSON value: all of its leaves are judged. */
  | 'json'
  | 'sealed'
  | 'id'
  | 'name'
  | 'count'
  | 'flag'
  | { readonly media: string }
  | { readonly list: Shape }
  | { readonly members: Readonly<Record<string, Shape>> }
  /** An object whose `type` says which members it has; a type that is not here is refused. */
  | { readonly types: Readonly<Record<string, Readonly<Record<string, Shape>>>> }
  /** Texts, or a list of something. */
  | { readonly textOr: Shape }

/** Where a text stands: read and written in place. */
export interface TextPlace {
  readonly holder: Record<string, unknown>
  readonly key: string
}

export interface ShapeVisitor {
  /** @param value the text is the JSON of what stands there, and not what stands there itself */
  text(place: TextPlace, text: string, value: boolean): unknown
  media(mediaType: string): unknown
}

const SEALED = /^[\w+/=.:-]*$/

export const isSeal = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && SEALED.test(value)

const membersOf = (value: WireObject, shape: Shape, where: 'answer' | 'prompt') => {
  if (typeof shape !== 'object') return undefined
  if ('members' in shape) return shape.members
  if (!('types' in shape)) return undefined
  const { type } = value
  if (typeof type !== 'string' || !Object.hasOwn(shape.types, type)) throw unknownPart(type, where)
  return shape.types[type]
}

/** The value with its known members only, each held to its form. Texts are as they came: they are judged next. */
export function copyKnown(value: unknown, shape: Shape): unknown {
  if (value === null) return null
  switch (shape) {
    case 'text':
      return typeof value === 'string' ? value : undefined
    case 'sealed':
      return matching(SEALED, value)
    case 'id':
      return matching(ID, value)
    case 'name':
      return matching(NAME, value)
    case 'count':
      return typeof value === 'number' ? value : undefined
    case 'flag':
      return typeof value === 'boolean' ? value : undefined
    case 'json':
      return value
  }
  // Bytes and ids: what is no such thing could be words that nobody reads.
  if ('media' in shape) return matching(SEALED, value)
  if ('textOr' in shape) return typeof value === 'string' ? value : copyKnown(value, shape.textOr)
  if ('list' in shape)
    return Array.isArray(value) ? value.map((item) => copyKnown(item, shape.list)) : undefined
  if (!isObject(value)) return undefined
  const members = membersOf(value, shape, 'answer') ?? {}
  const copy: Record<string, unknown> = 'types' in shape ? { type: value['type'] } : {}
  for (const [name, member] of Object.entries(members)) {
    const known = Object.hasOwn(value, name) ? copyKnown(value[name], member) : undefined
    if (known !== undefined) copy[name] = known
  }
  return copy
}

/** Shows a visitor each text of `holder[key]`, and names what is no text, in order. @throws PARAPET_ADAPTER_PART_UNKNOWN */
export function visitTexts(
  holder: Record<string, unknown>,
  key: string,
  shape: Shape,
  visitor: ShapeVisitor,
  where: 'answer' | 'prompt',
): void {
  const value = holder[key]
  if (value === undefined || value === null || value === '' || shape === 'sealed') return
  const inner =
    typeof shape === 'object' && 'textOr' in shape && typeof value !== 'string' ? shape.textOr : shape
  if (inner === 'text' || (typeof inner === 'object' && 'textOr' in inner)) {
    if (typeof value !== 'string') throw unknownPart('?', where)
    visitor.text({ holder, key }, value, false)
    return
  }
  if (inner === 'json') {
    visitor.text({ holder, key }, jsonText(value), true)
    return
  }
  if (typeof inner !== 'object') return
  if ('media' in inner) {
    visitor.media(inner.media)
    return
  }
  if ('list' in inner) {
    if (!Array.isArray(value)) throw unknownPart('?', where)
    for (const index of value.keys())
      visitTexts(value as unknown as Record<string, unknown>, String(index), inner.list, visitor, where)
    return
  }
  if (!isObject(value)) throw unknownPart('?', where)
  for (const [name, member] of Object.entries(membersOf(value, inner, where) ?? {}))
    visitTexts(value as Record<string, unknown>, name, member, visitor, where)
}
