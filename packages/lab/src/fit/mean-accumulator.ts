/** Adds rows up in double precision, and can be put away and taken up again to the bit. */
export interface MeanAccumulator {
  readonly count: number
  /** Adds one float32 row of the accumulator's width. */
  add(row: Float32Array): void
  /** The mean, rounded to float32; NaN where nothing was added. */
  mean(): Float32Array
  /** The sums as base64 of their little-endian doubles. */
  save(): { count: number; sums: string }
}

/** An accumulator of this width, empty or as it was saved. */
export function meanAccumulator(width: number, saved?: { count: number; sums: string }): MeanAccumulator {
  const sums = new Float64Array(width)
  let count = saved?.count ?? 0
  if (saved) {
    const bytes = Buffer.from(saved.sums, 'base64')
    for (let i = 0; i < width; i++) sums[i] = bytes.readDoubleLE(i * 8)
  }
  return {
    get count() {
      return count
    },
    add(row) {
      for (let i = 0; i < width; i++) sums[i] = (sums[i] ?? 0) + (row[i] ?? Number.NaN)
      count += 1
    },
    mean: () => Float32Array.from(sums, (sum) => sum / count),
    save() {
      const bytes = Buffer.alloc(width * 8)
      for (let i = 0; i < width; i++) bytes.writeDoubleLE(sums[i] ?? 0, i * 8)
      return { count, sums: bytes.toString('base64') }
    },
  }
}
