/** A stretch that was found: UTF-16 units, `end` exclusive. */
export interface Finding {
  readonly label: string
  readonly start: number
  readonly end: number
}

/**
 * Finds things of one or more kinds, in linear time. Yields what it finds, and `undefined` now and then where it
 * found nothing, so that whoever asks can pause.
 */
export interface Finder {
  readonly labels: readonly string[]
  /** The longest stretch it yields, in UTF-16 units. */
  readonly maxCharacters: number
  /** Everything that its findings depend on, for the detector's digest. */
  readonly source: string
  find(text: string): Iterable<Finding | undefined>
}
