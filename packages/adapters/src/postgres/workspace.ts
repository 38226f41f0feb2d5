import {
  type AsyncReviewRows,
  dueAt,
  excludedFrom,
  type ReviewRows,
  type RowChange,
  runRulesAsync,
  type StoredItem,
  settles,
  sweep,
} from '@parapet/sdk/review-rules'
import { compareItems } from './compare-items.ts'
import type { PostgresConnection, Row } from './driver.ts'
import type { ItemQueries } from './item-queries.ts'
import { keyDigest, type PlacedItem, subjectDigest, toPlacedItem, UNREAD, withText } from './item-row.ts'

/** New items come after all that are stored; their true places are given when they are. */
const FIRST_NEW_ORDER = 2 ** 52
/** A moment at which nothing is due. */
const NEVER_DUE = -1

type Filter = Parameters<ReviewRows['firstOpen']>[0]

/** What is stored of an item: its revision, and its text (`UNREAD` where it was not read) unless that was erased. */
interface StoredState {
  readonly revision: number
  readonly text: string | undefined
}

/** What a transaction changed, as it is to be stored. */
export interface WorkspaceChanges {
  readonly items: readonly { readonly item: StoredItem; readonly stored: StoredState | undefined }[]
  readonly events: readonly RowChange[]
  /** The items that were settled. */
  readonly settled: readonly string[]
}

/**
 * The rows that a group of calls works on: loaded under locks, changed here, written at the end in one statement. What a
 * call of the group changed, the next one sees.
 */
export class Workspace implements AsyncReviewRows {
  readonly #connection: PostgresConnection
  readonly #queries: ItemQueries
  readonly #items = new Map<string, PlacedItem>()
  readonly #idByKey = new Map<string, string>()
  /** Ids and digests of keys that were looked for: what is not loaded of them is not there. */
  readonly #looked = new Set<string>()
  readonly #stored = new Map<string, StoredState>()
  readonly #changed = new Set<string>()
  readonly #events: RowChange[] = []
  /** What was fetched ahead for claims, by what they ask for. */
  readonly #fetched = new Map<string, readonly string[]>()
  /** How many claims of the group name no item. */
  readonly #claims: number
  #order = FIRST_NEW_ORDER
  #at = 0

  constructor(connection: PostgresConnection, queries: ItemQueries, claims = 0) {
    this.#claims = claims
    this.#connection = connection
    this.#queries = queries
  }

  /** Locks and loads what calls will name, and what is due by `at`. */
  async prepare(named: {
    readonly ids: readonly string[]
    readonly keys: readonly string[]
    readonly at: number
  }): Promise<void> {
    const { ids, keys, at } = named
    for (const name of [...ids, ...keys]) this.#looked.add(name)
    await this.load(await this.#connection.query(this.#queries.lock, [ids, keys, at]))
  }

  /** Takes in what was locked, with its text where the row says so: what only falls due needs none. */
  async load(rows: readonly Row[]): Promise<void> {
    const fresh = rows.filter((row) => !this.#items.has(row['id'] as string))
    if (fresh.length === 0) return
    const orders = fresh.map((row) => Number(row['order']))
    const read = fresh.filter((row) => row['read']).map((row) => Number(row['order']))
    const texts = await this.#connection.query(this.#queries.text, [orders, read])
    const contents = new Map(texts.map((text) => [Number(text['order']), text['content']]))
    for (const row of fresh) {
      const text = contents.get(Number(row['order'])) as string | undefined
      const placed = toPlacedItem({ ...row, content: text })
      this.#keep(placed)
      this.#stored.set(placed.item.id, { revision: placed.item.revision, text })
    }
  }

  /** The calls that follow are made at this moment. */
  moveTo(at: number): void {
    this.#at = at
  }

  /** How many of the rows that are loaded are due. */
  countDue(at: number): number {
    return [...this.#items.values()].filter(({ item }) => (dueAt(item) ?? Number.POSITIVE_INFINITY) <= at)
      .length
  }

  changes(): WorkspaceChanges {
    const items = [...this.#changed].flatMap((id) => {
      const placed = this.#items.get(id)
      return placed ? [{ item: placed.item, stored: this.#stored.get(id) }] : []
    })
    const settled = new Set(this.#events.filter(settles).map(({ item }) => item.id))
    return { items, events: this.#events, settled: [...settled] }
  }

  async find(id: string): Promise<StoredItem | undefined> {
    if (!this.#looked.has(id)) await this.#prepareLate({ ids: [id], keys: [] })
    return this.#whole(this.#items.get(id))
  }

  async findKey(slot: { readonly tenant: string; readonly key: string }): Promise<StoredItem | undefined> {
    const key = keyDigest(slot)
    if (!this.#looked.has(key)) await this.#prepareLate({ ids: [], keys: [key] })
    return this.#whole(this.#items.get(this.#idByKey.get(key) ?? ''))
  }

  async firstOpen(filter: Filter): Promise<StoredItem | undefined> {
    const ahead = await this.#ahead(filter)
    // What was fetched ahead comes before all that was not, so one of those that is still free is the first.
    if (!ahead.some((id) => this.#isFree(this.#items.get(id), filter))) {
      await this.#loadOpen(filter, { reviewer: filter.reviewer, limit: 1 })
    }
    const free = [...this.#items.values()].filter((placed) => this.#isFree(placed, filter))
    return this.#whole(free.sort(compareItems)[0])
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

  async ofSubject({
    tenant,
    subjectKey,
    limit,
  }: Parameters<ReviewRows['ofSubject']>[0]): Promise<readonly StoredItem[]> {
    const digest = subjectDigest(tenant, subjectKey)
    for (;;) {
      const loaded = [...this.#items.keys()]
      const rows = await this.#connection.query(this.#queries.ofSubject, [digest, loaded, limit])
      await this.load(rows)
      await this.#sweepLoaded()
      const found = [...this.#items.values()].filter(
        ({ item }) =>
          item.tenant === tenant && item.subjectKey === subjectKey && item.contentJson !== undefined,
      )
      // What just lost its text by itself makes room for more.
      if (found.length < limit && rows.length === limit) continue
      return found
        .sort((one, other) => one.order - other.order)
        .slice(0, limit)
        .map(({ item }) => item)
    }
  }

  async insert(change: RowChange): Promise<boolean> {
    if (await this.findKey(change.item)) return false
    this.#order += 1
    this.#change(this.#order, change)
    return true
  }

  async update(change: RowChange): Promise<void> {
    this.#change(this.#items.get(change.item.id)?.order ?? this.#order, change)
  }

  async append(change: RowChange): Promise<void> {
    this.#events.push(change)
  }

  async #prepareLate(named: { readonly ids: readonly string[]; readonly keys: readonly string[] }) {
    await this.prepare({ ...named, at: NEVER_DUE })
    await this.#sweepLoaded()
  }

  /** What another transaction held when this one took what was due may be due when it comes here. */
  async #sweepLoaded(): Promise<void> {
    await runRulesAsync(sweep(this.#at), this)
  }

  /** The item with its text, which is read now if it was not. */
  async #whole(placed: PlacedItem | undefined): Promise<StoredItem | undefined> {
    if (placed?.item.contentJson !== UNREAD) return placed?.item
    const { order, item } = placed
    const [row] = await this.#connection.query(this.#queries.text, [[order], [order]])
    const whole = withText(item, row?.['content'])
    const revision = this.#stored.get(item.id)?.revision ?? item.revision
    this.#stored.set(item.id, { revision, text: row?.['content'] as string | undefined })
    this.#keep({ order, item: whole })
    return whole
  }

  /** The first open items of a tenant and a team, as many as there are claims to come: asked for once. */
  async #ahead(filter: Filter): Promise<readonly string[]> {
    if (this.#claims < 2) return []
    const key = JSON.stringify([filter.tenant, filter.team])
    const fetched =
      this.#fetched.get(key) ?? (await this.#loadOpen(filter, { reviewer: null, limit: this.#claims }))
    this.#fetched.set(key, fetched)
    return fetched
  }

  async #loadOpen(
    filter: Filter,
    { reviewer, limit }: { readonly reviewer: string | null; readonly limit: number },
  ): Promise<readonly string[]> {
    const { tenant = null, team = null } = filter
    const values = [reviewer, [...this.#items.keys()], this.#at, tenant, team, limit]
    const rows = await this.#connection.query(this.#queries.firstOpen(filter), values)
    await this.load(rows)
    return rows.map(({ id }) => id as string)
  }

  #isFree(placed: PlacedItem | undefined, { reviewer, tenant, team }: Filter): boolean {
    if (placed?.item.state !== 'open') return false
    const { item } = placed
    if ((tenant ?? item.tenant) !== item.tenant || (team ?? item.team) !== item.team) return false
    return !excludedFrom(item).includes(reviewer)
  }

  #change(order: number, change: RowChange): void {
    this.#keep({ order, item: change.item })
    this.#changed.add(change.item.id)
    this.#events.push(change)
  }

  #keep(placed: PlacedItem): void {
    const { item } = placed
    const before = this.#items.get(item.id)
    // An erased item gives its key up.
    if (before) this.#idByKey.delete(keyDigest(before.item))
    this.#items.set(item.id, placed)
    this.#idByKey.set(keyDigest(item), item.id)
    this.#looked.add(item.id)
  }
}
