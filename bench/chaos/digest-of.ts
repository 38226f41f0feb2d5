import { hash } from 'node:crypto'

export type SentMessages = readonly {
  readonly role: string
  readonly parts: readonly { readonly type: string; readonly text?: string }[]
}[]

/** SHA-256, in hex, of what was said and by whom. */
export function digestOf(messages: SentMessages): string {
  const said = messages.map(({ role, parts }) => [role, parts.map(({ type, text }) => [type, text])])
  return hash('sha256', JSON.stringify(said))
}
