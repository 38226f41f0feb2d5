import type { LanguageModelV4Citation, LanguageModelV4Source } from '@ai-sdk/provider'
import { safeMetadata } from './safe-metadata.ts'

const TEXTS = ['url', 'title', 'filename'] as const

/** The texts of a source: what is judged of it. */
function textsOf(source: LanguageModelV4Source): Record<string, string> {
  const members = source as unknown as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    TEXTS.flatMap((key) => (typeof members[key] === 'string' ? [[key, members[key]]] : [])),
  )
}

function rebuilt(
  source: LanguageModelV4Source,
  texts: object,
  trusted: readonly string[],
): LanguageModelV4Source {
  const { providerMetadata, ...rest } = source
  const safe = safeMetadata(providerMetadata, trusted)
  return { ...rest, ...texts, ...(safe ? { providerMetadata: safe } : {}) } as LanguageModelV4Source
}

export const sourceJson = (source: LanguageModelV4Source): string => JSON.stringify(textsOf(source))

/** A source with its texts as they were released. */
export function withSource(
  source: LanguageModelV4Source,
  json: string,
  trusted: readonly string[],
): LanguageModelV4Source {
  return rebuilt(source, JSON.parse(json), trusted)
}

export const citationsJson = (citations: readonly LanguageModelV4Citation[]): string =>
  JSON.stringify(citations.map(({ citedText, source }) => ({ citedText, source: textsOf(source) })))

/** Citations with their texts as they were released. */
export function withCitations(
  citations: readonly LanguageModelV4Citation[],
  json: string,
  trusted: readonly string[],
): LanguageModelV4Citation[] {
  const texts = JSON.parse(json) as { citedText?: string; source: object }[]
  return citations.map((citation, index) => {
    const { citedText, source = {} } = texts[index] ?? {}
    return {
      ...citation,
      source: rebuilt(citation.source, source, trusted),
      ...(citedText === undefined ? {} : { citedText }),
    }
  })
}
