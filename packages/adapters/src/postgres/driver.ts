/** What a query gives. */
export type Row = Readonly<Record<string, unknown>>

/** A connection that one caller has to itself. */
export interface PostgresConnection {
  /** Runs one statement with its values. */
  query(text: string, values: readonly unknown[]): Promise<readonly Row[]>
  /** Runs statements without values, in one message, and gives the rows of all of them. */
  script(text: string): Promise<readonly Row[]>
  /** Gives the connection back; `broken` throws it away. */
  release(broken?: boolean): void
}

/** A way to a database: `pg`, PGlite, or what looks like them. */
export interface PostgresDriver {
  connect(): Promise<PostgresConnection>
  /** Hears notifications of a channel until the function it gives is called; `lost` says that nothing comes any more. */
  listen(channel: string, heard: (payload: string) => void, lost: () => void): Promise<() => Promise<void>>
  /** Ends what the driver itself opened. */
  close(): Promise<void>
}
