import { REVIEW_STATES, type ReviewEvent, type ReviewState } from './review-item.ts'
import type { PagePosition, ReviewInput } from './review-store.ts'
import { settles, withoutText } from './rules/change.ts'
import { dueAt, excludedFrom } from './rules/item-state.ts'
import type { ReviewRows, RowChange } from './rules/review-rows.ts'
import type { StoredItem } from './stored-item.ts'

/** An item and its place in the order of arrival. Items are replaced, never changed: what was handed out stays as it was. */
interface Row {
  readonly order: number
  item: StoredItem
}

/** The rows of a store within the process. Looks at every item for each question but those by id and key. */
export class MemoryRows implements ReviewRows {
  readonly #rows = new Map<string, Row>()
  readonly #idByKey = new Map<string, string>()
  readonly #log: ReviewEvent[] = []
  #settled: string[] = []
  /** At most the next moment at which something is due: so that a sweep looks at the items only when one may be. */
  #dueFrom = Number.POSITIVE_INFINITY

  find(id: string): StoredItem | undefined {
    return this.#rows.get(id)?.item
  }

  findKey({ tenant, key }: { readonly tenant: string; readonly key: string }): StoredItem | undefined {
    return this.find(this.#idByKey.get(slotOf({ tenant, key })) ?? '')
  }

  firstOpen(filter: Parameters<ReviewRows['firstOpen']>[0]): StoredItem | undefined {
    let first: Row | undefined
    for (const row of this.#matching(filter)) {
      const isFree = row.item.state === 'open' && !excludedFrom(row.item).includes(filter.reviewer)
      if (isFree && (!first || compare(row, first) < 0)) first = row
    }
    return first?.item
  }

  mostDue(at: number): StoredItem | undefined {
    if (this.#dueFrom > at) return undefined
    let most: Row | undefined
    let mostAt = Number.POSITIVE_INFINITY
    for (const row of this.#rows.values()) {
      const due = dueAt(row.item) ?? Number.POSITIVE_INFINITY
      if (due < mostAt) [most, mostAt] = [row, due]
    }
    this.#dueFrom = mostAt
    return mostAt <= at ? most?.item : undefined
  }

  ofSubject({ tenant, subjectKey, limit }: Parameters<ReviewRows['ofSubject']>[0]): readonly StoredItem[] {
    return [...this.#matching({ tenant })]
      .filter(({ item }) => item.subjectKey === subjectKey && item.contentJson !== undefined)
      .slice(0, limit)
      .map(({ item }) => item)
  }

  insert(change: RowChange): boolean {
    const { item } = change
    const slot = slotOf(item)
    if (this.#idByKey.has(slot)) return false
    this.#idByKey.set(slot, item.id)
    this.#rows.set(item.id, { order: this.#rows.size + 1, item: structuredClone(item) })
    this.#noteDue(item)
    this.append(change)
    return true
  }

  update(change: RowChange): void {
    const { item } = change
    const row = this.#rows.get(item.id)
    if (row) {
      this.#idByKey.delete(slotOf(row.item))
      this.#idByKey.set(slotOf(item), item.id)
      row.item = structuredClone(item)
    }
    this.#noteDue(item)
    if (settles(change)) this.#settled.push(item.id)
    this.append(change)
  }

  append({ item, event }: RowChange): void {
    const sequence = this.#log.length + 1
    this.#log.push({ ...event, sequence, itemId: item.id, tenant: item.tenant })
  }

  list(filter: ReviewInput<'list'>) {
    const { after, states, kind, limit, content } = filter
    const found = [...this.#matching(filter)]
      .filter(({ item }) => states.includes(item.state) && (kind ?? item.kind) === item.kind)
      .filter((row) => !after || comparePositions(positionOf(row), after) > 0)
      .sort(compare)
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      items: page.map(({ item }) => (content ? item : withoutText(item))),
      next: found.length > limit && last ? positionOf(last) : undefined,
    }
  }

  count(filter: ReviewInput<'count'>): Record<ReviewState, number> {
    const counts = Object.fromEntries(REVIEW_STATES.map((state) => [state, 0])) as Record<ReviewState, number>
    for (const { item } of this.#matching(filter)) counts[item.state] += 1
    return counts
  }

  events(filter: ReviewInput<'events'>): readonly ReviewEvent[] {
    return this.#log
      .filter((event) => event.sequence > filter.after)
      .filter((event) => (filter.itemId ?? event.itemId) === event.itemId)
      .filter((event) => (filter.tenant ?? event.tenant) === event.tenant)
      .slice(0, filter.limit)
  }

  settled(ids: readonly string[]): readonly string[] {
    const final: readonly (ReviewState | undefined)[] = ['approved', 'rejected', 'expired']
    return ids.filter((id) => final.includes(this.find(id)?.state))
  }

  nextDueAt(): number | undefined {
    return this.#dueFrom === Number.POSITIVE_INFINITY ? undefined : this.#dueFrom
  }

  takeSettled(): readonly string[] {
    const settled = this.#settled
    this.#settled = []
    return settled
  }

  *#matching(filter: { readonly tenant?: string | undefined; readonly team?: string | undefined }) {
    for (const row of this.#rows.values()) {
      const { tenant, team } = row.item
      if ((filter.tenant ?? tenant) === tenant && (filter.team ?? team) === team) yield row
    }
  }

  #noteDue(item: StoredItem): void {
    this.#dueFrom = Math.min(this.#dueFrom, dueAt(item) ?? Number.POSITIVE_INFINITY)
  }
}

function slotOf({ tenant, key }: { readonly tenant: string; readonly key: string }): string {
  return JSON.stringify([tenant, key])
}

function positionOf({ item, order }: Row): PagePosition {
  return { priority: item.priority, deadlineAt: item.deadlineAt ?? Number.MAX_SAFE_INTEGER, order }
}

function comparePositions(one: PagePosition, other: PagePosition): number {
  return other.priority - one.priority || one.deadlineAt - other.deadlineAt || one.order - other.order
}

function compare(one: Row, other: Row): number {
  return comparePositions(positionOf(one), positionOf(other))
}
