/** What is wrong at one place. */
export type BreakKind =
  /** The record was changed, or replaced by another one: its bytes, or the next record, do not have its hash. */
  | 'edited'
  /** Records that the chain needs are not there. */
  | 'missing'
  /** The record stands where an earlier or later one belongs. */
  | 'reordered'
  /** The record stands there twice, or the chain forks. */
  | 'duplicate'
  /** The line is cut off, and no sink accounted for it. */
  | 'truncated'
  /** The line is no record: not JSON, too long, or not of the schema. */
  | 'malformed'
  /** A schema this version does not know. */
  | 'version'
  /** Keys were given, and the record has no seal. */
  | 'unsealed'

/** One broken place in a log. */
export interface Break {
  readonly kind: BreakKind
  readonly file: string
  /** From 1. For `missing`, the line before which the records should stand; 0 when the end of a chain is missing. */
  readonly line: number
  readonly writer?: string
  readonly sequence?: number
  /** What was seen. Holds nothing of the line. */
  readonly detail: string
}
