import { type Bench, type Finding, openBench, rowsNamed, runRows, type Target } from '@parapet/conformance'

/** Puts rows (all, if none is named) to a target on a bench of its own, or on one that is there. */
export async function findingsOf(
  target: Target,
  rows: readonly string[] = [],
  shared?: Bench,
): Promise<Finding[]> {
  const bench = shared ?? (await openBench())
  try {
    const found: Finding[] = []
    for await (const finding of runRows(target, bench, rowsNamed(rows))) found.push(finding)
    return found
  } finally {
    if (!shared) await bench.close()
  }
}
