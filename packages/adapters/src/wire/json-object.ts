import { isObject, type WireObject } from './wire-object.ts'

/** The JSON object that a text is; undefined for any other text. */
export function jsonObject(text: string): WireObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
