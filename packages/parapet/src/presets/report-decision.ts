import type { DecisionBody, Reason } from '@parapet/sdk'
import { counted } from '../output/counted.ts'

function because(reason: Reason): string {
  const { stage, detector, action } = reason
  if (reason.kind === 'failed') return `${stage}: ${detector} failed (${reason.code}), ${action}`
  if (reason.kind === 'abstained') return `${stage}: ${detector} abstained (${reason.reason}), ${action}`
  const { label, score, threshold } = reason
  return `${stage}: ${detector} ${label} ${score.toFixed(4)} ≥ ${threshold.toFixed(4)}, ${action}`
}

/** What a decision does, or would do, in a line without any text; undefined where nothing comes of it. */
export function describeDecision({ decision, mode }: DecisionBody): string | undefined {
  const { verdict, edits, duties, reasons, id } = decision
  const deeds = [
    ...(verdict === 'allow' ? [] : [verdict]),
    ...(edits.length === 0 ? [] : [`redact ${counted(edits.length, 'place')}`]),
    ...new Set(duties.map(({ kind }) => kind)),
  ]
  if (deeds.length === 0) return undefined
  const would = mode === 'shadow' ? 'parapet, in shadow, would' : 'parapet decided to'
  return `${would} ${deeds.join(' and ')} (${reasons.map(because).join('; ')}); decision ${id}`
}

/** Writes what a decision would do to standard error, where anything would come of it. */
export function reportDecision(body: DecisionBody): void {
  const line = describeDecision(body)
  if (line !== undefined) console.warn(line)
}
