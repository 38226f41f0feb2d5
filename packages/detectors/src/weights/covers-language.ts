import type { Subject } from '@parapet/sdk'

/** Whether the text's language is one of these. A language that could not be told is taken as covered. */
export function coversLanguage(languages: readonly string[], { language }: Subject): boolean {
  return language === undefined || languages.includes(language)
}
