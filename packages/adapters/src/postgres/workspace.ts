import {
  type AsyncReviewRows,
  dueAt,
  excludedFrom,
  type ReviewRows,
  type RowChange,
  type StoredItem,
  settles,
} from '@parapet/sdk/review-rules'
import { compareItems } from './compare-items.ts'
import type { PostgresConnection, Row } from './driver.ts'
import type { ItemQueries } from './item-queries.ts'
import { keyDigest, type PlacedItem, subjectDigest, toPlacedItem } from './item-row.ts'

/** New items come after all that are stored; their true places are given when they are. */
const FIRST_NEW_ORDER = 2 ** 52

/** What one call did, until it is known that it went through. */
interface CallChanges {
  readonly at: number
  readonly replaced: Map<string, PlacedItem | undefined>
  events: number
}

/**
 * The rows that a group of calls works on: loaded under locks, changed here, written at the end in one statement. What a
 * call of the group changed, the next one sees.
 */
export class Workspace implements AsyncReviewRows {
  readonly #connection: PostgresConnection
  readonly #queries: ItemQueries
  readonly #items = new Map<string, PlacedItem>()
  readonly #byKey = new Map<string, string>()
  /** The revision of each item as it is stored; none for a new one. */
  readonly #stored = new Map<string, number>()
  readonly #changed = new Set<string>()
  readonly #events: RowChange[] = []
  #nextOrder = FIRST_NEW_ORDER
  #call: CallChanges = { at: 0, replaced: new Map(), events: 0 }

  constructor(connection: PostgresConnection, queries: ItemQueries) {
    this.#connection = connection
    this.#queries = queries
  }

  /** Takes in what was locked, with its text. */
  async load(rows: readonly Row[]): Promise<readonly PlacedItem[]> {
    const fresh = rows.filter((row) => !this.#items.has(row['id'] as string))
    if (fresh.length === 0) return []
    const orders = fresh.map((row) => Number(row['order']))
    const texts = await this.#connection.query(this.#queries.text, [orders])
    const contents = new Map(texts.map((text) => [Number(text['order']), text['content']]))
    return fresh.map((row) => this.#keep({ ...row, content: contents.get(Number(row['order'])) }))
  }

  /** Whether nothing was changed. */
  get isUnchanged(): boolean {
    return this.#changed.size === 0 && this.#events.length === 0
  }

  /** What was changed, as it is now. */
  changes(): {
    readonly items: readonly { readonly item: StoredItem; readonly was: number | undefined }[]
    readonly events: readonly RowChange[]
    readonly settled: readonly string[]
  } {
    const items = [...this.#changed].flatMap((id) => {
      const placed = this.#items.get(id)
      return placed ? [{ item: placed.item, was: this.#stored.get(id) }] : []
    })
    const settled = this.#events.filter(settles).map(({ item }) => item.id)
    return { items, events: this.#events, settled: [...new Set(settled)] }
  }

  /** A call begins, at its moment: what it does can be taken back. */
  begin(at: number): void {
    this.#call = { at, replaced: new Map(), events: this.#events.length }
  }

  /** Takes back what was done since `begin`. */
  revert(): void {
    for (const [id, before] of this.#call.replaced) {
      if (before) this.#items.set(id, before)
      else this.#forget(id)
      if (before && before.item.revision === this.#stored.get(id)) this.#changed.delete(id)
    }
    this.#events.length = this.#call.events
  }

  async find(id: string): Promise<StoredItem | undefined> {
    return this.#items.get(id)?.item
  }

  async findKey(slot: { readonly tenant: string; readonly key: string }): Promise<StoredItem | undefined> {
    const id = this.#byKey.get(keyDigest(slot))
    return id === undefined ? undefined : this.#items.get(id)?.item
  }

  async firstOpen(filter: Parameters<ReviewRows['firstOpen']>[0]): Promise<StoredItem | undefined> {
    const { reviewer, tenant, team } = filter
    const rows = await this.#connection.query(this.#openQuery(filter), [
      reviewer,
      [...this.#items.keys()],
      this.#call.at,
      ...[tenant, team].filter((value) => value !== undefined),
    ])
    await this.load(rows)
    return [...this.#items.values()]
      .filter(
        ({ item }) =>
          item.state === 'open' &&
          (tenant ?? item.tenant) === item.tenant &&
          (team ?? item.team) === item.team &&
          !excludedFrom(item).includes(reviewer),
      )
      .sort(compareItems)[0]?.item
  }

  async mostDue(at: number): Promise<StoredItem | undefined> {
    let most: PlacedItem | undefined
    let mostAt = at
    for (const placed of this.#items.values()) {
      const due = dueAt(placed.item)
      if (due === undefined || due > mostAt) continue
      if (most && due === mostAt && placed.order > most.order) continue
      most = placed
      mostAt = due
    }
    return most?.item
  }

  async ofSubject(person: {
    readonly tenant: string
    readonly subjectKey: string
  }): Promise<readonly StoredItem[]> {
    const { tenant, subjectKey } = person
    await this.load(await this.#connection.query(this.#queries.ofSubject, [subjectDigest(tenant, subjectKey)]))
    return [...this.#items.values()]
      .filter(
        ({ item }) =>
          item.tenant === tenant && item.subjectKey === subjectKey && item.contentJson !== undefined,
      )
      .sort((one, other) => one.order - other.order)
      .map(({ item }) => item)
  }

  async insert(change: RowChange): Promise<boolean> {
    if (this.#byKey.has(keyDigest(change.item))) return false
    this.#nextOrder += 1
    this.#replace({ order: this.#nextOrder, item: change.item })
    this.#events.push(change)
    return true
  }

  async update(change: RowChange): Promise<void> {
    const order = this.#items.get(change.item.id)?.order ?? this.#nextOrder
    this.#replace({ order, item: change.item })
    this.#events.push(change)
  }

  async append(change: RowChange): Promise<void> {
    this.#events.push(change)
  }

  #keep(row: Row): PlacedItem {
    const placed = toPlacedItem(row)
    const { item } = placed
    this.#items.set(item.id, placed)
    this.#byKey.set(keyDigest(item), item.id)
    this.#stored.set(item.id, item.revision)
    return placed
  }

  #replace(placed: PlacedItem): void {
    const { id } = placed.item
    const { replaced } = this.#call
    if (!replaced.has(id)) replaced.set(id, this.#items.get(id))
    this.#items.set(id, placed)
    this.#byKey.set(keyDigest(placed.item), id)
    this.#changed.add(id)
  }

  #forget(id: string): void {
    const placed = this.#items.get(id)
    if (placed) this.#byKey.delete(keyDigest(placed.item))
    this.#items.delete(id)
    this.#changed.delete(id)
  }

  #openQuery({ tenant, team }: Parameters<ReviewRows['firstOpen']>[0]): string {
    const { open, openOfTenant, openOfTeam, openOfTenantAndTeam } = this.#queries
    if (tenant === undefined) return team === undefined ? open : openOfTeam
    return team === undefined ? openOfTenant : openOfTenantAndTeam
  }
}
