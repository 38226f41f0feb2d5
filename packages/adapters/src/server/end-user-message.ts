import type { Policy } from '@parapet/sdk'

/** The policy's message for end users, where the server itself keeps something back. */
export function endUserMessage({ document: { messages } }: Policy, locale: string | undefined): string {
  const tags = locale === undefined ? [] : [locale, locale.split('-')[0] ?? locale]
  const tag = tags.find((tag) => Object.hasOwn(messages, tag)) ?? 'default'
  return messages[tag] ?? messages.default
}
