import type { Decision } from '../decision/decision.ts'
import { judge } from '../decision/judge.ts'
import { judgedText } from '../pipeline/judged-text.ts'
import type { JudgedPart } from '../record/decision-record.ts'
import type { ReviewItem } from '../review/review-item.ts'
import { decide } from './decide.ts'
import type { Answer } from './guard.ts'
import { measureRequestPart } from './input.ts'
import { faultPart, type Measuring } from './measuring.ts'

/**
 * Judges what a reviewer wrote as the model's answer would be judged, in the same windows, and records the decision. The
 * review stands for a grant: it lifts a hold, and nothing else. The answer with edits applied; undefined when it is blocked.
 */
export async function judgeReviewerAnswer(
  item: ReviewItem,
  text: string,
  measuring: Measuring,
): Promise<Answer | undefined> {
  const { binding, options } = measuring
  const { document } = binding.policy
  const startedAt = performance.now()
  const place = { part: 0, stage: 'output' as const }
  const { messages } = item.content
  const measured =
    text.length > document.limits.maxCharacters
      ? [faultPart(place, 'PARAPET_LIMIT_CHARACTERS', options)]
      : await measureRequestPart(
          { ...place, message: messages.length, text, json: false },
          0,
          messages,
          measuring,
        )
  const grant = { ticket: item.id }
  const judged = (parts: readonly JudgedPart[]) =>
    judge({ policy: document, parts, thresholds: binding.thresholds, grant })
  const first = judged(measured)
  const edited = judgedText(text, false).edit(first.edits)
  const parts =
    edited === undefined ? [...measured, faultPart(place, 'PARAPET_GATE_EDIT_IMPOSSIBLE', options)] : measured
  const decision: Decision = await decide(
    {
      binding,
      judgement: edited === undefined ? judged(parts) : first,
      parts,
      complete: true,
      context: {
        tenant: item.tenant,
        ...(item.subjectKey === undefined ? {} : { subjectKey: item.subjectKey }),
      },
      elapsedMs: performance.now() - startedAt,
      grant,
    },
    options,
  )
  if (decision.effective === 'block' || edited === undefined) return undefined
  return { parts: [{ stage: 'output', text: edited }] }
}
