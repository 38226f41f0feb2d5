/** How deep JSON may be nested: more is no request, and would overflow the stack of whoever walks it. */
export const MAX_JSON_DEPTH = 64

/** How deep a JSON text is nested, in one pass and without building anything; it stops where `most` is passed. */
export function jsonDepth(text: string, most: number): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (quoted) {
      if (unit === 0x5c) index++
      else if (unit === 0x22) quoted = false
    } else if (unit === 0x22) quoted = true
    else if (unit === 0x7b || unit === 0x5b) {
      depth++
      if (depth > deepest) deepest = depth
      if (depth > most) return depth
    } else if (unit === 0x7d || unit === 0x5d) depth--
  }
  return deepest
}
