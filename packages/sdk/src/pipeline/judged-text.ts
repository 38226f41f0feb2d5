import { applyEdits, type Replacement } from '../decision/apply-edits.ts'
import { editJson, type JsonLeaves, jsonLeaves } from '../json/leaves.ts'

/** A part's text as it is judged, and how edits of it reach the original. */
export interface JudgedText {
  /** The original, or the decoded leaves of JSON. Edits count in it. */
  readonly text: string
  /** Whether it is the leaves of JSON. */
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

/** Text that claims to be JSON is judged by its decoded leaves; where it is not JSON after all, as it stands. */
export function judgedText(text: string, json = false): JudgedText {
  const leaves = json ? jsonLeaves(text) : undefined
  return leaves ? ofLeaves(text, leaves) : plain(text)
}
