/** One measured figure. `most` and `least` are the bars it is held against, where it has one. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: 'µs' | 'ms' | 'ratio' | 'MB' | 'share' | 'per second'
  readonly most?: number
  readonly least?: number
}

/** A group of figures that are measured together. */
export interface Bench {
  readonly name: string
  run(): Promise<readonly Figure[]>
}

/** The median of numbers. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value that the share `q` of the numbers does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

/** Median milliseconds of one call, over `rounds` rounds of `calls` calls each, after a warm-up round. */
export async function timePerCall(call: () => unknown, { rounds = 7, calls = 1 } = {}): Promise<number> {
  const round = async (): Promise<number> => {
    const started = performance.now()
    for (let index = 0; index < calls; index++) await call()
    return (performance.now() - started) / calls
  }
  await round()
  const times: number[] = []
  for (let index = 0; index < rounds; index++) times.push(await round())
  return median(times)
}
