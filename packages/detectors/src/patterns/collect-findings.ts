import { fault } from '../errors/codes.ts'
import type { Finder, Finding } from './finder.ts'

/** Others get a turn on the thread after that many milliseconds. */
const TURN_MS = 5

/**
 * Everything that finders find in a text, in the order of the text and without repetition.
 * @throws `PARAPET_DETECTOR_ABORTED`
 */
export async function collectFindings(
  detector: string,
  finders: readonly Finder[],
  text: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const found = new Map<string, Finding>()
  let turnEndsAt = performance.now() + TURN_MS
  for (const finder of finders) {
    if (signal.aborted) throw fault('PARAPET_DETECTOR_ABORTED', { detector })
    for (const finding of finder.find(text)) {
      if (finding) found.set(`${finding.start} ${finding.end} ${finding.label}`, finding)
      if (performance.now() < turnEndsAt) continue
      await new Promise((resolve) => setImmediate(resolve))
      if (signal.aborted) throw fault('PARAPET_DETECTOR_ABORTED', { detector })
      turnEndsAt = performance.now() + TURN_MS
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end)
}
