import type { Outcome } from '@parapet/sdk'

/** So many scores stand in a line: detectors of patterns have dozens of labels, and only what was found matters. */
const MOST_SCORES = 6

function describeScores(scores: Readonly<Record<string, number>>): string {
  const entries = Object.entries(scores)
  const told = entries.length > MOST_SCORES ? entries.filter(([, score]) => score > 0) : entries
  if (told.length === 0) return `nothing found (${entries.length} kinds)`
  return told.map(([label, score]) => `${label} ${score.toFixed(4)}`).join(', ')
}

/** What a detector said, in a line. */
export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'scored') return describeScores(outcome.scores)
  if (outcome.kind === 'failed') return `failed (${outcome.code})`
  if (outcome.kind === 'skipped') return 'not asked: it could change nothing'
  const scores = outcome.scores ? `; it would say ${describeScores(outcome.scores)}` : ''
  return `abstained (${outcome.reason})${scores}`
}

/** How long a detector took. */
export function milliseconds(elapsedMs: number | 'cached' | undefined): string {
  return typeof elapsedMs === 'number' ? elapsedMs.toFixed(1) : (elapsedMs ?? '')
}
