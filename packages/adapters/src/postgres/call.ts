import type { ReviewInput, ReviewTransactions } from '@parapet/sdk/review-rules'

/** A call that waits for its transaction. */
export interface Call {
  readonly name: keyof ReviewTransactions
  readonly at: number
  readonly input: unknown
}

/** What became of a call. */
export type Answer = { readonly value: unknown } | { readonly error: unknown }

/** What a call names by id. */
export function idOf({ name, input }: Call): string | undefined {
  if (name === 'get') return input as string
  if (name === 'useGrant') return (input as ReviewInput<'useGrant'>).ticket
  return (input as { readonly id?: string } | null)?.id
}
