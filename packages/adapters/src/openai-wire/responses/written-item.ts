import type { Json } from '../json-value.ts'

export type PartKind = 'output_text' | 'refusal' | 'reasoning_text' | 'summary_text'

/** A released text of an item. */
export interface WrittenText {
  readonly kind: PartKind
  /** Its place among the item's texts of its kind, as the caller sees it. */
  readonly place: number
  text: string
  readonly annotations: Json[]
}

/** A released item. */
export interface WrittenItem {
  readonly place: number
  readonly base: Json
  readonly texts: Map<string, WrittenText>
  finish: (() => Finish) | undefined
  /** As it stands in the answer, once it is closed. */
  closed: Json | undefined
}

/** What an item gets when it is closed: members that show only then, and texts that waited until then. */
export interface Finish {
  readonly members: Json
  readonly rests: readonly { readonly kind: PartKind; readonly index: number; readonly text: string }[]
}
