/** Cuts a text at the given places, also inside surrogate pairs. */
export function chunks(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].sort(
    (a, b) => a - b,
  )
  return places.slice(1).map((place, index) => text.slice(places[index], place))
}
