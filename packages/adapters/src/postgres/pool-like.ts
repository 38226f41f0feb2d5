/** What is needed of a client of `pg`. */
export interface PoolClientLike {
  query(text: string, values?: unknown[]): Promise<unknown>
  on(event: 'notification', heard: (message: { readonly payload?: string | undefined }) => void): unknown
  on(event: 'error' | 'end', lost: () => void): unknown
  removeListener(event: 'error', listener: () => void): unknown
  release(broken?: boolean): void
}

/** What is needed of `pg`'s Pool: one of your own will do. */
export interface PoolLike {
  /** What it was made with: the most connections that it has. */
  readonly options?: { readonly max?: number }
  connect(): Promise<PoolClientLike>
}
