import type { Finding } from '@parapet/conformance'

/** What a row found of a target, when its runs agree; or how each of them ended, when they do not. */
export interface Settled extends Finding {
  /** `found in 1, clean in 2 of 3 runs`. Then `value` and `clean` are n/a: it is neither clean nor a finding. */
  readonly runs?: string
}

/** How often a row that is not clean is put, in all: what a busy machine brings about once is no finding. */
export const RUNS = 3

/** The ways in which a run can end. One that could not be asked says nothing of the guard, for it or against it. */
const ENDS = [
  ['found', false],
  ['clean', true],
  ['unasked', 'n/a'],
] as const satisfies readonly (readonly [string, Finding['clean']])[]

/** Puts the runs of one row together: a finding is what recurs in each, and of values that differ the least. */
export function settle(runs: readonly [Finding, ...Finding[]]): Settled {
  const [first] = runs
  const ended = ENDS.map(([name, clean]) => ({ name, of: runs.filter((run) => run.clean === clean) }))
  const seen = ended.filter(({ of }) => of.length > 0)
  if (seen.length > 1)
    return {
      ...first,
      value: 'n/a',
      clean: 'n/a',
      runs: `${seen.map(({ name, of }) => `${name} in ${of.length}`).join(', ')} of ${runs.length} runs`,
      how: seen
        .filter(({ name }) => name !== 'clean')
        .map(({ name, of }) => `${name === 'found' ? 'Found' : 'Unasked'}: ${of[0]?.how}`)
        .join(' '),
    }
  if (first.clean !== false) return first
  const least = runs.reduce((low, run) => (Number(run.value) < Number(low.value) ? run : low))
  const values = runs.map(({ value }) => value)
  if (values.every((value) => value === first.value)) return least
  return { ...least, how: `${least.how} The least of ${runs.length} runs: ${values.join(', ')}.` }
}
