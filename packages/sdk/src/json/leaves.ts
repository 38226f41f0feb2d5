import { visit } from 'jsonc-parser'
import { mergeEdits, type Replacement } from '../decision/apply-edits.ts'
import { MAX_JSON_DEPTH } from './canonical.ts'

/** A value or a key of a JSON text: what it says, and where its literal stands. */
interface Leaf {
  readonly text: string
  /** Where the decoded text begins in the joined text. */
  readonly at: number
  /** Where the literal stands in the JSON, quotes included. */
  readonly offset: number
  readonly length: number
  readonly key: boolean
}

/** A JSON text as detectors read it: its keys and values, decoded, one a line. */
export interface JsonLeaves {
  readonly text: string
  readonly leaves: readonly Leaf[]
}

/** How deep brackets nest outside of strings. A bound of our own, since the stack's is another on every machine. */
function nestsDeeper(json: string, most: number): boolean {
  let depth = 0
  let quoted = false
  for (let index = 0; index < json.length; index++) {
    const unit = json[index]
    if (quoted) {
      if (unit === '\\') index++
      else if (unit === '"') quoted = false
    } else if (unit === '"') quoted = true
    else if (unit === '{' || unit === '[') {
      if (++depth > most) return true
    } else if (unit === '}' || unit === ']') depth--
  }
  return false
}

/**
 * Reads the leaves of a JSON text (RFC 8259) in order; undefined when it is not JSON, or is nested deeper than
 * `MAX_JSON_DEPTH`. Linear in its length.
 */
export function jsonLeaves(json: string): JsonLeaves | undefined {
  if (nestsDeeper(json, MAX_JSON_DEPTH)) return undefined
  try {
    JSON.parse(json)
  } catch {
    return undefined
  }
  return readLeaves(json)
}

function readLeaves(json: string): JsonLeaves {
  const leaves: Leaf[] = []
  let at = 0
  const add = (value: unknown, offset: number, length: number, key: boolean) => {
    const text = typeof value === 'string' ? value : json.slice(offset, offset + length)
    leaves.push({ text, at, offset, length, key })
    at += text.length + 1
  }
  visit(json, {
    onObjectProperty: (property, offset, length) => add(property, offset, length, true),
    onLiteralValue: (value, offset, length) => {
      if (typeof value === 'string' || typeof value === 'number') add(value, offset, length, false)
    },
  })
  return { text: leaves.map((leaf) => leaf.text).join('\n'), leaves }
}

/** Cuts edits of the joined text out of one leaf. */
function editLeaf(leaf: Leaf, edits: readonly Replacement[]): string {
  let result = ''
  let position = leaf.at
  for (const { start, end, replacement } of edits) {
    if (end <= leaf.at || start >= leaf.at + leaf.text.length) continue
    result += leaf.text.slice(position - leaf.at, Math.max(start, leaf.at) - leaf.at)
    if (start >= leaf.at) result += replacement
    position = Math.min(end, leaf.at + leaf.text.length)
  }
  return result + leaf.text.slice(position - leaf.at)
}

/**
 * Applies edits, whose offsets count in the joined text of the leaves, to the JSON itself. The result is JSON with
 * the same layout; a number that was cut becomes a string. Undefined when a key was cut: two keys could fall together.
 */
export function editJson(
  json: string,
  { leaves }: JsonLeaves,
  edits: readonly Replacement[],
): string | undefined {
  const merged = mergeEdits(edits)
  let result = ''
  let position = 0
  let next = 0
  for (const leaf of leaves) {
    const end = leaf.at + leaf.text.length
    while (next < merged.length && (merged[next]?.end ?? 0) <= leaf.at) next++
    const touching: Replacement[] = []
    for (let index = next; index < merged.length && (merged[index]?.start ?? end) < end; index++)
      touching.push(merged[index] as Replacement)
    if (touching.length === 0) continue
    if (leaf.key) return undefined
    result += json.slice(position, leaf.offset) + JSON.stringify(editLeaf(leaf, touching))
    position = leaf.offset + leaf.length
  }
  return result + json.slice(position)
}
