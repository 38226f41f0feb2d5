/** What the runtime has and the compiler's library does not declare yet. */
interface RawJson {
  rawJSON(text: string): unknown
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
}

/** So many digits may be more than a number holds: ids of 64 bits. */
const LONG_NUMBER = /\d{16}/

function keepLongNumber(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || !LONG_NUMBER.test(source)) return value
  return (JSON as unknown as RawJson).rawJSON(source)
}

/**
 * A line's JSON, or undefined where it is none. Numbers too long for a double are written back as they were read.
 */
export function parseJson(text: string): unknown {
  try {
    if (LONG_NUMBER.test(text)) return (JSON as unknown as RawJson).parse(text, keepLongNumber)
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
