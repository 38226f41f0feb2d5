/** A value as JSON; what has none is `null`. */
export const jsonText = (value: unknown): string => JSON.stringify(value) ?? 'null'

/** Whether a text is a whole JSON value: then a reader behind the guard may decode it, and it is judged decoded. */
export function isJson(text: string): boolean {
  if (!/[{["]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * JSON as a parser would give it back, so that arguments that stream and arguments that come parsed are judged alike.
 * What is no JSON, or nests too deep to be written, stays as it is.
 */
export function settledJson(text: string): string {
  try {
    return jsonText(JSON.parse(text))
  } catch {
    return text
  }
}
