/*
 * What stands beside an answer and is not judged is held to a form: a plain id, a name, a number. Whatever could spell a
 * sentence stays back.
 */

export const ID = /^[\w.:-]{1,128}$/
export const NAME = /^[\w.:/@-]{1,128}$/
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/(\*|[a-z0-9][a-z0-9!#$&^_.+-]{0,126})$/i

/** Headers that name a request or count, and what their values look like; others may hold any text. */
const HEADERS: readonly { readonly name: RegExp; readonly value: RegExp }[] = [
  { name: /^((x-|anthropic-|apim-)?request-id|x-amzn-requestid|cf-ray)$/i, value: ID },
  { name: /^(date|retry-after)$/i, value: /^[\w ,:+-]{1,40}$/ },
  { name: /^(retry-after-ms|openai-processing-ms)$/i, value: /^\d{1,12}(\.\d{1,6})?$/ },
  { name: /^x-should-retry$/i, value: /^(true|false)$/ },
  { name: /^(x-|anthropic-)ratelimit-[\w-]{1,60}$/i, value: /^[\w.,:;+=-]{1,60}$/ },
]

export const matching = (form: RegExp, value: unknown): string | undefined =>
  typeof value === 'string' && form.test(value) ? value : undefined

/** The members that are not undefined. */
export function defined<Members extends object>(
  members: Members,
): { [Key in keyof Members]?: Exclude<Members[Key], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}

/** The members that are `true`: what is no boolean is no flag. */
export function flags<Name extends string>(
  members: Readonly<Record<Name, unknown>>,
): Partial<Record<Name, true>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value === true)) as never
}

/** Gives ids of a plain form as they are, and one of its own for each other one: the same again for the same id. */
export function createIds(): (id: unknown) => string {
  const own = new Map<unknown, string>()
  return (id) => {
    const plain = matching(ID, id)
    if (plain !== undefined) return plain
    const known = own.get(id) ?? `parapet-${crypto.randomUUID()}`
    own.set(id, known)
    return known
  }
}

export const knownMediaType = (mediaType: unknown): string =>
  matching(MEDIA_TYPE, mediaType) ?? 'application/octet-stream'

/** Ids, times and rate limits; undefined when there are none. */
export function knownHeaders(
  headers: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  const known = Object.entries(headers ?? {}).filter(([name, value]) =>
    HEADERS.some((header) => header.name.test(name) && header.value.test(value)),
  )
  return known.length === 0 ? undefined : Object.fromEntries(known)
}
