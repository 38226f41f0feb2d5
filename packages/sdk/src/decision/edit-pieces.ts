import { applyEdits, mergeEdits, type Replacement } from './apply-edits.ts'

/**
 * Texts that stand one after the other, with edits applied: those made in the text that they are together, and those made
 * in each. What an edit puts in stands in the piece where the edit begins; from the others it takes only.
 */
export function editPieces(
  pieces: readonly string[],
  edits: { readonly ofJoined: readonly Replacement[]; ofPiece(index: number): readonly Replacement[] },
): string[] {
  const all = [...edits.ofJoined]
  const starts: number[] = [0]
  for (const [index, piece] of pieces.entries()) {
    const start = starts.at(-1) ?? 0
    starts.push(start + piece.length)
    for (const edit of edits.ofPiece(index))
      all.push({ ...edit, start: edit.start + start, end: edit.end + start })
  }
  const text = pieces.join('')
  const merged = mergeEdits(all)
  // Both in order, side by side: every edit for every piece would cost their product.
  let next = 0
  return starts.slice(0, -1).map((start, index) => {
    const end = starts[index + 1] ?? start
    const own: Replacement[] = []
    while ((merged[next]?.end ?? Infinity) <= start) next++
    for (let at = next; (merged[at]?.start ?? Infinity) < end; at++) own.push(merged[at] as Replacement)
    return applyEdits(text, own, start, end)
  })
}
