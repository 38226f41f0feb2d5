/**
 * The highest mean of `window` neighbours, in double precision; of fewer values than that, the mean of all.
 * A mean over a whole text loses what stands in one place of it, and a maximum of single tokens fires on single words:
 * arXiv 2601.11516 compares the aggregations.
 * @returns NaN where there are no values
 */
export function highestRollingMean(values: ArrayLike<number>, window: number): number {
  const width = Math.min(window, values.length)
  if (width === 0) return Number.NaN
  let sum = 0
  let highest = Number.NEGATIVE_INFINITY
  for (let end = 0; end < values.length; end += 1) {
    sum += values[end] ?? Number.NaN
    if (end >= width) sum -= values[end - width] ?? Number.NaN
    if (end >= width - 1) highest = Number.isNaN(sum) ? Number.NaN : Math.max(highest, sum / width)
  }
  return highest
}
