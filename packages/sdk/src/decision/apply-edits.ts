import type { Edit } from './decision.ts'

/** A stretch of text and what stands in its place. */
export type Replacement = Pick<Edit, 'start' | 'end' | 'replacement'>

/** Joins overlapping edits: the union of what they cut, with the replacement of the first. */
export function mergeEdits(edits: readonly Replacement[]): Replacement[] {
  const merged: Replacement[] = []
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1)
    if (last && edit.start < last.end)
      merged[merged.length - 1] = { ...last, end: Math.max(last.end, edit.end) }
    else merged.push({ start: edit.start, end: edit.end, replacement: edit.replacement })
  }
  return merged
}

/**
 * Applies edits to the stretch [from, to) of a text; offsets are UTF-16 units of the whole text.
 * A replacement is written where its span begins, so a span that the stretch enters in the middle adds nothing more.
 */
export function applyEdits(text: string, edits: readonly Replacement[], from = 0, to = text.length): string {
  if (edits.length === 0) return text.slice(from, to)
  let result = ''
  let position = from
  for (const { start, end, replacement } of mergeEdits(edits)) {
    if (end <= from || start >= to) continue
    if (start > position) result += text.slice(position, start)
    if (start >= from) result += replacement
    position = Math.max(position, Math.min(end, to))
  }
  return result + text.slice(position, to)
}
