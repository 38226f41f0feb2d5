import type { Replacement } from '../decision/apply-edits.ts'
import { editPieces } from '../decision/edit-pieces.ts'
import type { RequestPart } from './request-parts.ts'

/** Texts that stand side by side in a message, as the one text that a model may read them as. */
export interface JoinedPart extends RequestPart {
  /** Numbers of the parts that it joins; they follow one another. */
  readonly joins: { readonly first: number; readonly last: number }
}

/**
 * The texts that a reader may not tell apart: neighbours in one message, of one stage, none of them JSON or media. Their
 * judgement is added to that of each: joined alone, the end of one text would hide the beginning of the next from a
 * detector that looks for whole words.
 */
export function joinedParts(parts: readonly RequestPart[]): JoinedPart[] {
  const joined: JoinedPart[] = []
  for (let first = 0; first < parts.length; ) {
    const begin = parts[first] as RequestPart
    let last = first
    while (isContinued(parts[last], parts[last + 1])) last++
    if (last > first) {
      const text = parts.slice(first, last + 1).map((part) => part.text)
      joined.push({ ...begin, text: text.join(''), joins: { first, last } })
    }
    first = last + 1
  }
  return joined
}

/** Whether `next` goes on with the text of `part`. */
function isContinued(part: RequestPart | undefined, next: RequestPart | undefined): boolean {
  return (
    part !== undefined &&
    next !== undefined &&
    part.message === next.message &&
    part.stage === next.stage &&
    part.of === next.of &&
    [part, next].every(({ json, media }) => !json && media === undefined)
  )
}

/** The texts of the joined parts with edits applied, by their numbers: those made in the joined text, and those made in each. */
export function editJoined(
  { joins }: JoinedPart,
  parts: readonly RequestPart[],
  edits: { readonly ofJoined: readonly Replacement[]; ofPart(number: number): readonly Replacement[] },
): Map<number, string> {
  const { first, last } = joins
  const texts = editPieces(
    parts.slice(first, last + 1).map(({ text }) => text),
    { ofJoined: edits.ofJoined, ofPiece: (index) => edits.ofPart(first + index) },
  )
  return new Map(texts.map((text, index) => [first + index, text]))
}
