import type { ReviewEvent } from '../review-item.ts'
import type { StoredItem } from '../stored-item.ts'

/** A change of an item, and the entry that the log gets with it. */
export interface RowChange {
  readonly item: StoredItem
  readonly event: Omit<ReviewEvent, 'sequence' | 'itemId' | 'tenant'>
}

/**
 * What the rules ask of a store while a call runs: the rows, and nothing of what they mean. A store that can be written by
 * others at the same time locks what it hands over until the transaction ends. `firstOpen` may pass over rows that others
 * have locked (`SKIP LOCKED`); so may `mostDue`: whoever has them sees to them.
 */
export interface ReviewRows {
  find(id: string): StoredItem | undefined
  findKey(slot: { readonly tenant: string; readonly key: string }): StoredItem | undefined
  /**
   * The first `open` item in the order of claims (priority, then deadline, then age) that the reviewer is not
   * `excludedFrom`.
   */
  firstOpen(filter: {
    readonly reviewer: string
    readonly tenant: string | undefined
    readonly team: string | undefined
  }): StoredItem | undefined
  /** The item whose `dueAt` is at or before `at` and the earliest; the oldest item among equals. */
  mostDue(at: number): StoredItem | undefined
  /** One person's items that still have text: `limit` of them, or all that there are. */
  ofSubject(person: {
    readonly tenant: string
    readonly subjectKey: string
    readonly limit: number
  }): readonly StoredItem[]
  /** Stores a new item and the entry; false, and nothing stored, when its key is there already. */
  insert(change: RowChange): boolean
  /**
   * Replaces an item, with its text as it is now (none, when `contentJson` is gone) and its key (another, when it was erased),
   * and appends the entry.
   */
  update(change: RowChange): void
  /** Appends an entry alone. */
  append(change: RowChange): void
}

/** A question of the rules to the store, as data: so that a store may answer at once or later. */
export type RowQuestion = {
  readonly [Name in keyof ReviewRows]: {
    readonly ask: Name
    readonly of: Parameters<ReviewRows[Name]>[0]
  }
}[keyof ReviewRows]

/** The rules of one call: it yields questions, is given the answers, and returns what the call gives. */
export type RowProgram<Result> = Generator<RowQuestion, Result, unknown>

/** Asks the store: `const item = yield* ask('find', id)`. */
export function* ask<Name extends keyof ReviewRows>(
  name: Name,
  of: Parameters<ReviewRows[Name]>[0],
): RowProgram<ReturnType<ReviewRows[Name]>> {
  return (yield { ask: name, of } as RowQuestion) as ReturnType<ReviewRows[Name]>
}
