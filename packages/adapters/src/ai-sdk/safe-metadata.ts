import type { SharedV4ProviderMetadata } from '@ai-sdk/provider'

type Member = SharedV4ProviderMetadata[string]
type Value = Member[string]

/** Sealed by the provider: nobody else can read them, and the provider refuses the part when its text is edited. */
const SEALS = [
  'signature',
  'thoughtSignature',
  'redactedData',
  'reasoningEncryptedContent',
  'encryptedContent',
] as const
/** Names of things. A part whose text was edited loses them: by its id, a provider would look up the original. */
const NAMES = [
  'itemId',
  'responseId',
  'id',
  'type',
  'phase',
  'serviceTier',
  'finishReason',
  'stopReason',
  'serverToolCallId',
  'serverToolType',
  'toolId',
] as const
const NAME = /^[\w.:/-]{1,200}$/
const KEY = /^[\w.:/-]{1,60}$/
/** Objects of numbers and names. Any other object, and every array, may spell the answer: log-probabilities do. */
const GROUPS = ['usage', 'container', 'caller'] as const

const includes = (list: readonly string[], key: string) => list.includes(key)

function safeValue(key: string, value: Value): Value | undefined {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (includes(SEALS, key)) return value
    return includes(NAMES, key) && NAME.test(value) ? value : undefined
  }
  if (typeof value !== 'object' || Array.isArray(value) || !includes(GROUPS, key)) return undefined
  return safeMembers(value as Member)
}

function safeMembers(members: Member, trusted: (key: string) => boolean = () => false): Member {
  return Object.fromEntries(
    Object.entries(members)
      .filter(([key]) => KEY.test(key) || trusted(key))
      .map(([key, value]) => [key, trusted(key) ? value : safeValue(key, value)] as const)
      .filter(([, value]) => value !== undefined),
  )
}

/**
 * What of a provider's metadata cannot repeat text of the answer: numbers, names, and what the provider has sealed.
 * @param trusted `provider.key` of members that pass as they are
 */
export function safeMetadata(
  metadata: SharedV4ProviderMetadata | undefined,
  trusted: readonly string[] = [],
): SharedV4ProviderMetadata | undefined {
  if (metadata === undefined) return undefined
  const safe = Object.entries(metadata)
    .filter(([provider]) => provider !== 'parapet' && KEY.test(provider))
    .map(([provider, members]) => [
      provider,
      safeMembers(members, (key) => includes(trusted, `${provider}.${key}`)),
    ])
    .filter(([, members]) => Object.keys(members as Member).length > 0)
  return safe.length === 0 ? undefined : Object.fromEntries(safe)
}

/** Whether the provider sealed the part: its text may be withheld, and not edited. */
export function isSealed(metadata: SharedV4ProviderMetadata | undefined): boolean {
  return Object.values(metadata ?? {}).some((members) =>
    SEALS.some((key) => typeof members[key] === 'string'),
  )
}

/** Options of a part whose text was edited: without seals, which no longer fit, and without the original's id. */
export function withoutSeals(options: SharedV4ProviderMetadata): SharedV4ProviderMetadata {
  const kept = (key: string) => !includes(SEALS, key) && key !== 'itemId'
  return Object.fromEntries(
    Object.entries(options).map(([provider, members]) => [
      provider,
      Object.fromEntries(Object.entries(members).filter(([key]) => kept(key))),
    ]),
  )
}
