import { applyEdits, type Replacement } from '../decision/apply-edits.ts'
import { editJson, type JsonLeaves, jsonLeaves } from '../json/leaves.ts'

/** A part's text as it is judged, and how edits of it reach the original. */
export interface JudgedText {
  /** The original, or the decoded leaves of JSON. Edits count in it. */
  readonly text: string
  /** Whether it came as JSON: an edit of it may be impossible. */
  readonly json: boolean
  /** The original with edits applied; undefined when the edits cannot be made (a cut key of a JSON object). */
  readonly edit: (edits: readonly Replacement[]) => string | undefined
}

const plain = (text: string): JudgedText => ({ text, json: false, edit: (edits) => applyEdits(text, edits) })

const ofLeaves = (json: string, leaves: JsonLeaves): JudgedText => ({
  text: leaves.text,
  json: true,
  edit: (edits) => (edits.length === 0 ? json : editJson(json, leaves, edits)),
})

const ESCAPE = /\\(?:u([0-9a-f]{4})|(.))/gis
const SHORT: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** JSON escapes decoded wherever they stand, also in text that is only the beginning of JSON. */
function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, code: string | undefined, short: string) =>
    code === undefined ? (SHORT[short] ?? short) : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/**
 * JSON that is cut off, broken, or nested too deep to be read: a lenient parser behind the guard may decode it all the
 * same. So it is judged as it stands and with its escapes decoded, and nothing can be cut out of it.
 */
function broken(text: string): JudgedText {
  return {
    text: text.includes('\\') ? `${text}\n${unescaped(text)}` : text,
    json: true,
    edit: (edits) => (edits.length === 0 ? text : undefined),
  }
}

/** Text that claims to be JSON is judged by its decoded leaves. */
export function judgedText(text: string, json = false): JudgedText {
  if (!json) return plain(text)
  const leaves = jsonLeaves(text)
  return leaves ? ofLeaves(text, leaves) : broken(text)
}
