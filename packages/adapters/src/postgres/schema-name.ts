/** A name that needs no quoting, and leaves room for what is derived from it. */
export const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,39}$/

/** The channel on which a queue tells who waits. */
export function settledChannel(schema: string): string {
  return `${schema}_settled`
}
