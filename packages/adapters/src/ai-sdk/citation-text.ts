import type { LanguageModelV4Citation, LanguageModelV4Source } from '@ai-sdk/provider'
import { defined, knownMediaType } from '../answer/known-forms.ts'
import { safeMetadata } from './safe-metadata.ts'

const TEXTS = ['url', 'title', 'filename'] as const

/** How a source is built again: which metadata passes, and under which id. */
export interface SourceRebuild {
  readonly trusted: readonly string[]
  readonly idOf: (id: unknown) => string
}

/** The texts of a source: what is judged of it. */
function textsOf(source: LanguageModelV4Source): Record<string, string> {
  const members = source as unknown as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    TEXTS.flatMap((key) => (typeof members[key] === 'string' ? [[key, members[key]]] : [])),
  )
}

function rebuilt(
  source: LanguageModelV4Source,
  texts: Readonly<Record<string, string>>,
  { trusted, idOf }: SourceRebuild,
): LanguageModelV4Source {
  const { url, title, filename } = texts
  const providerMetadata = safeMetadata(source.providerMetadata, trusted)
  const id = idOf(source.id)
  const members =
    source.sourceType === 'document'
      ? { sourceType: 'document', id, mediaType: knownMediaType(source.mediaType), title, filename }
      : { sourceType: 'url', id, url, title }
  return defined({ type: 'source', ...members, providerMetadata }) as LanguageModelV4Source
}

export const sourceJson = (source: LanguageModelV4Source): string => JSON.stringify(textsOf(source))

/** A source with its texts as they were released. */
export function withSource(
  source: LanguageModelV4Source,
  json: string,
  rebuild: SourceRebuild,
): LanguageModelV4Source {
  return rebuilt(source, JSON.parse(json), rebuild)
}

export const citationsJson = (citations: readonly LanguageModelV4Citation[]): string =>
  JSON.stringify(citations.map(({ citedText, source }) => ({ citedText, source: textsOf(source) })))

const place = (index: unknown) => (typeof index === 'number' ? index : undefined)

/** Citations with their texts as they were released. */
export function withCitations(
  citations: readonly LanguageModelV4Citation[],
  json: string,
  rebuild: SourceRebuild,
): LanguageModelV4Citation[] {
  const texts = JSON.parse(json) as { citedText?: string; source: Record<string, string> }[]
  return citations.map((citation, index) => {
    const { citedText, source = {} } = texts[index] ?? {}
    return {
      source: rebuilt(citation.source, source, rebuild),
      ...defined({ startIndex: place(citation.startIndex), endIndex: place(citation.endIndex), citedText }),
    }
  })
}
