import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { RowChange } from '@parapet/sdk/review-rules'
import { CHAIN_START, chainHash } from './event-chain.ts'

const LAST_EVENT =
  'SELECT sequence, hash FROM review_event WHERE sequence = (SELECT max(sequence) FROM review_event)'

/** An open database, with what one transaction after the other needs of it. */
export class ReviewDatabase {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** Items settled by the transaction under way: told to waiters once it is durable. */
  #settled: string[] = []
  /** The end of the log as of the transaction under way: others may have written since the one before. */
  #head: { sequence: number; hash: string } | undefined
  /** `PRAGMA data_version` when waiters last got an answer, and when they asked in the transaction under way. */
  #seenVersion: number | undefined
  #askedVersion: number | undefined

  constructor(database: DatabaseSync) {
    this.database = database
  }

  /** A statement, prepared once. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  /** Forgets what the transaction before it left. */
  begin(): void {
    this.#settled = []
    this.#head = undefined
    this.#askedVersion = undefined
  }

  /** The transaction is durable, and its answers go out. */
  committed(): void {
    this.#seenVersion = this.#askedVersion ?? this.#seenVersion
  }

  /** A savepoint was rolled back: the end of the log is to be read anew. */
  forgetHead(): void {
    this.#head = undefined
  }

  noteSettled(id: string): void {
    this.#settled.push(id)
  }

  noteVersion(version: number): void {
    this.#askedVersion = version
  }

  get seenVersion(): number | undefined {
    return this.#seenVersion
  }

  get settled(): readonly string[] {
    return this.#settled
  }

  /** When the next thing falls due. */
  nextDueAt(): number | undefined {
    const row = this.statement('SELECT min(due_at) AS due FROM review_item WHERE due_at IS NOT NULL').get()
    return (row?.['due'] as number | null) ?? undefined
  }

  /** Appends to the log, chained to the entry before. */
  append({ item, event }: RowChange): void {
    const head = this.#head ?? this.#readHead()
    const entry = {
      ...event,
      sequence: head.sequence + 1,
      itemId: item.id,
      tenant: item.tenant,
      detail: JSON.stringify(event.detail),
    }
    const hash = chainHash(head.hash, entry)
    this.statement(
      `INSERT INTO review_event (sequence, item, tenant, subject_key, expires_at, kind, at, actor, detail, hash)
       VALUES (?, (SELECT seq FROM review_item WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      entry.sequence,
      item.id,
      item.tenant,
      item.subjectKey ?? null,
      item.expiresAt,
      entry.kind,
      entry.at,
      entry.actor,
      entry.detail,
      hash,
    )
    this.#head = { sequence: entry.sequence, hash }
  }

  #readHead(): { sequence: number; hash: string } {
    const row = this.statement(LAST_EVENT).get()
    return row
      ? { sequence: row['sequence'] as number, hash: row['hash'] as string }
      : { sequence: 0, hash: CHAIN_START }
  }
}
