import type { Message, Reason, ReviewItem } from '@parapet/sdk'
import { fields } from '../../output/table.ts'
import { terminalText } from '../../output/terminal-text.ts'

/** When `otherwise` holds. */
export function due({ deadlineAt }: ReviewItem): string {
  return deadlineAt === undefined ? 'none' : new Date(deadlineAt).toISOString()
}

function partText(part: Message['parts'][number]): string {
  if (part.type === 'text') return part.text
  if (part.type === 'reasoning') return `(reasoning) ${part.text}`
  if (part.type === 'tool-call') return `(calls ${part.toolName}) ${part.input}`
  return part.type === 'tool-result' ? `(${part.toolName} gave) ${part.output}` : `(${part.mediaType})`
}

/**
 * Text of others as a block of its own: each line begins with a bar, so that no line of it can pass for one of ours,
 * and what cannot be seen, or would steer the terminal, stands as its code point.
 */
function quoted(who: string, text: string): string {
  const safe = terminalText(text, { multiline: true })
  return `${who}\n${safe.replace(/^/gm, '  | ')}`
}

function describeReason(reason: Reason): string {
  const { detector, action } = reason
  if (reason.kind === 'failed') return `${detector} failed (${reason.code}): ${action}`
  if (reason.kind === 'abstained') return `${detector} abstained (${reason.reason}): ${action}`
  const { label, score, threshold, rule } = reason
  return `${detector}: ${label} ${score.toFixed(6)} ≥ ${threshold.toFixed(6)}: ${action} (${rule})`
}

function describeState({ state, claim, decision, erasedAt }: ReviewItem): string {
  if (decision) return `${state} by ${decision.reviewer}${decision.reason ? ` (${decision.reason})` : ''}`
  if (claim) return `${state} by ${claim.reviewer} until ${new Date(claim.leaseUntil).toISOString()}`
  return erasedAt === undefined ? state : `${state}, erased`
}

/** The item as a reviewer reads it in a terminal: hostile text cannot steer it, hide in it, or pass for ours. */
export function describeItem(item: ReviewItem): string {
  const { content, decision } = item
  const blocks = [
    fields([
      ['item', item.id],
      ['kind', item.kind],
      ['state', describeState(item)],
      ['tenant', item.tenant],
      ['due', due(item)],
      ['then', item.otherwise ?? 'nothing'],
      ['decision', item.decisionId],
      ...item.reasons.map((reason) => ['because', describeReason(reason)] as const),
    ]),
    ...content.messages.map(({ role, parts }) => quoted(role, parts.map(partText).join('\n'))),
  ]
  if (content.answerText !== undefined) blocks.push(quoted('answer', content.answerText))
  if (decision?.note !== undefined) blocks.push(quoted(`note of the reviewer`, decision.note))
  return blocks.join('\n\n')
}
