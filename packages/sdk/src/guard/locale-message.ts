import type { PolicyDocument } from '../policy/policy.ts'

/** The message for end users: of the locale (`de-AT`), else of its language (`de`), else the default. */
export function localeMessage({ messages }: PolicyDocument, locale: string | undefined): string {
  const candidates = locale ? [locale, locale.split('-')[0] ?? locale] : []
  for (const tag of candidates) if (Object.hasOwn(messages, tag)) return messages[tag] as string
  return messages.default
}
