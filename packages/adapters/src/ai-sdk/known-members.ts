import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4ResponseMetadata,
  LanguageModelV4Usage,
  SharedV4Warning,
} from '@ai-sdk/provider'
import { defined, ID, matching, NAME } from '../answer/known-forms.ts'

/*
 * What stands beside an answer and is not judged is built from the members that are known, each held to its form: a
 * spread would pass whatever a provider, or a later version of the interface, puts there.
 */

const REASON = /^[A-Za-z][\w-]{0,39}$/
const KIND = /^[\w-]{1,40}\.[\w.-]{1,60}$/

export const knownKind = (kind: unknown): `${string}.${string}` =>
  (matching(KIND, kind) ?? 'unknown.unknown') as `${string}.${string}`

const REASONS: readonly string[] = [
  'stop',
  'length',
  'content-filter',
  'tool-calls',
  'error',
  'interrupted',
  'other',
] satisfies LanguageModelV4FinishReason['unified'][]

export function knownFinishReason(reason: LanguageModelV4FinishReason): LanguageModelV4FinishReason {
  const { unified, raw } = reason
  return { unified: REASONS.includes(unified) ? unified : 'other', raw: matching(REASON, raw) }
}

/** The counts. `raw` is the provider's own and may hold text. */
export function knownUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): LanguageModelV4Usage {
  const count = (value: unknown) => (typeof value === 'number' ? value : undefined)
  return {
    inputTokens: {
      total: count(inputTokens?.total),
      noCache: count(inputTokens?.noCache),
      cacheRead: count(inputTokens?.cacheRead),
      cacheWrite: count(inputTokens?.cacheWrite),
    },
    outputTokens: {
      total: count(outputTokens?.total),
      text: count(outputTokens?.text),
      reasoning: count(outputTokens?.reasoning),
    },
  }
}

/** What the warnings are about. Their sentences are free text, and stay back. */
export function knownWarnings(warnings: readonly SharedV4Warning[] | undefined): SharedV4Warning[] {
  const name = (value: unknown) => matching(NAME, value) ?? 'unknown'
  return (warnings ?? []).map((warning) => {
    switch (warning.type) {
      case 'unsupported':
      case 'compatibility':
        return { type: warning.type, feature: name(warning.feature) }
      case 'deprecated':
        return { type: 'deprecated', setting: name(warning.setting), message: WARNING_KEPT_BACK }
      default:
        return { type: 'other', message: WARNING_KEPT_BACK }
    }
  })
}

export const WARNING_KEPT_BACK = 'The provider’s text was kept back, because no rule judges it.'

export function knownResponse(
  response: LanguageModelV4ResponseMetadata | undefined,
): LanguageModelV4ResponseMetadata {
  const { id, timestamp, modelId } = response ?? {}
  return defined({
    id: matching(ID, id),
    timestamp: timestamp instanceof Date ? timestamp : undefined,
    modelId: matching(NAME, modelId),
  })
}

/** What was sent: it was made before the answer, from the request as it was edited. */
export function knownRequest(request: { readonly url?: string; readonly body?: unknown } | undefined): {
  request?: { url?: string; body?: unknown }
} {
  if (!request) return {}
  const { url, body } = request
  return { request: defined({ url, body }) }
}

/** The names that the developer gave the tools of a call. */
export const toolNamesOf = ({ tools = [] }: LanguageModelV4CallOptions): ReadonlySet<string> =>
  new Set(tools.map(({ name }) => name))
