/** A tapped part of the residual stream: float32[positions, hidden], row by row. */
export type StreamRows = Float32Array

/** What is left of a direction in a row, as a share of the row's length: |r̂ᵀx − offset| / ‖x‖. 0 for a row of zeros. */
export function leakOf(rows: StreamRows, position: number, direction: Float32Array, offset: number): number {
  const start = position * direction.length
  let dot = 0
  let square = 0
  for (const [index, unit] of direction.entries()) {
    const value = rows[start + index] ?? Number.NaN
    dot += value * unit
    square += value * value
  }
  return square === 0 ? Math.abs(dot - offset) : Math.abs(dot - offset) / Math.sqrt(square)
}

/** How far a row is from another plus a vector, as a share of both lengths: ‖x′ − x − r‖ / (‖x‖ + ‖r‖). */
export function missOf(
  after: StreamRows,
  before: StreamRows,
  position: number,
  vector: Float32Array,
): number {
  const start = position * vector.length
  let miss = 0
  let row = 0
  let added = 0
  for (const [index, value] of vector.entries()) {
    const old = before[start + index] ?? Number.NaN
    miss += ((after[start + index] ?? Number.NaN) - old - value) ** 2
    row += old * old
    added += value * value
  }
  const size = Math.sqrt(row) + Math.sqrt(added)
  return size === 0 ? Math.sqrt(miss) : Math.sqrt(miss) / size
}

/** Whether two arrays hold the same numbers; 0 and −0 are one. */
export function sameNumbers(one: Float32Array, other: Float32Array): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}

/** Whether two arrays hold the same numbers, to the bit. */
export function sameBits(one: Float32Array, other: Float32Array): boolean {
  return one.length === other.length && one.every((value, index) => Object.is(value, other[index]))
}
