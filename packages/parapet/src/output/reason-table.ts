import type { Reason } from '@parapet/sdk'
import { table } from './table.ts'

function row(reason: Reason): string[] {
  const { part, stage, detector, action } = reason
  const place = `${stage} ${part}`
  if (reason.kind === 'failed') return [place, detector, 'failed', reason.code, action, '']
  if (reason.kind === 'abstained') return [place, detector, 'abstained', reason.reason, action, '']
  const { label, score, threshold, rule } = reason
  return [place, detector, label, `${score.toFixed(6)} ≥ ${threshold.toFixed(6)}`, action, rule]
}

/** Why a decision was made: each rule that held, each fault, each abstention. */
export function reasonTable(reasons: readonly Reason[]): string {
  return table(['part', 'detector', 'label', 'because', 'action', 'rule'], reasons.map(row))
}
