import { canonicalJson, type JsonValue } from '@parapet/sdk'

/** Names of the fields in which two plain values differ, by their paths; a few at most. */
export function differingFields(a: JsonValue, b: JsonValue, most = 6): string[] {
  const found: string[] = []
  const visit = (left: JsonValue | undefined, right: JsonValue | undefined, path: string): void => {
    if (found.length >= most) return
    if (isObject(left) && isObject(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
        visit(left[key], right[key], path === '' ? key : `${path}.${key}`)
    } else if (left === undefined || right === undefined || canonicalJson(left) !== canonicalJson(right)) {
      if (left !== right) found.push(path === '' ? 'the whole' : path)
    }
  }
  visit(a, b, '')
  return found
}

function isObject(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
