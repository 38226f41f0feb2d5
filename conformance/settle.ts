import type { Finding } from '@parapet/conformance'

/** What a row found of a target, when its runs agree; or in how many of them it was not clean, when they do not. */
export interface Settled extends Finding {
  /** `k of n runs`: not clean in k. Then `value` and `clean` are n/a: it is neither clean nor a finding. */
  readonly runs?: string
}

/** How often a row that is not clean is put, in all: what a busy machine brings about once is no finding. */
export const RUNS = 3

/** Puts the runs of one row together: a finding is what recurs in each, and of values that differ the least. */
export function settle(runs: readonly [Finding, ...Finding[]]): Settled {
  const [first] = runs
  if (runs.every(({ clean }) => clean === 'n/a')) return first
  const open = runs.filter(({ clean }) => clean === false)
  if (open.length === runs.length) {
    const least = runs.reduce((low, run) => (Number(run.value) < Number(low.value) ? run : low))
    const values = runs.map(({ value }) => value)
    if (values.every((value) => value === first.value)) return least
    return { ...least, how: `${least.how} The least of ${runs.length} runs: ${values.join(', ')}.` }
  }
  const unlike = runs.find(({ clean }) => clean !== true)
  if (!unlike) return first
  return {
    ...first,
    value: 'n/a',
    clean: 'n/a',
    runs: `${runs.filter(({ clean }) => clean !== true).length} of ${runs.length} runs`,
    how: `The runs differ; one that was not clean: ${unlike.how}`,
  }
}
