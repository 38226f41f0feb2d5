/** How the windows of a long text become one row: the strongest window of each label, or the mean window. */
export type Aggregation = 'maximum' | 'mean-of-logits'

/**
 * Joins the windows' logits.
 * @param rows float32[labels] for each window, one at least
 * @returns float64[labels]; NaN where any window has something else than a finite number
 */
export function aggregateWindows(rows: readonly ArrayLike<number>[], aggregation: Aggregation): Float64Array {
  const labels = rows[0]?.length ?? 0
  const joined = new Float64Array(labels)
  for (let label = 0; label < labels; label++) {
    let largest = Number.NEGATIVE_INFINITY
    let sum = 0
    for (const row of rows) {
      const logit = row[label] ?? Number.NaN
      largest = Math.max(largest, logit)
      sum += logit
    }
    // A sum is finite only where all its terms are: a maximum alone would hide a broken window.
    const value = aggregation === 'maximum' ? largest : sum / rows.length
    joined[label] = Number.isFinite(sum) ? value : Number.NaN
  }
  return joined
}
