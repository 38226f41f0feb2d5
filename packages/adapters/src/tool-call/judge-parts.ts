import type { AnswerPart, Guard, MessageInput, RequestContext } from '@parapet/sdk'

/** Where a call of a tool stands: the conversation before it, whom it is for, and who still waits. */
export interface ToolScene {
  readonly conversation: readonly MessageInput[]
  readonly context: RequestContext
  readonly signal?: AbortSignal | undefined
}

/** What became of a tool's call or result: the texts of its parts, edits made, or nothing of it. */
export type JudgedParts =
  | { readonly kind: 'released'; readonly texts: readonly string[] }
  | { readonly kind: 'withheld'; readonly decisionId: string; readonly ticket?: string }

const textOf = (part: AnswerPart): string => ('media' in part ? '' : part.text)

/**
 * Judges the parts of a call or a result as one, waits where a person decides, and gives all of them or none. In shadow
 * mode they pass as they are, whatever goes wrong with judging.
 */
export async function judgeParts(
  guard: Guard,
  parts: readonly AnswerPart[],
  { conversation, context, signal }: ToolScene,
  onShadowFault: (error: unknown) => void,
): Promise<JudgedParts> {
  const asked = { messages: conversation, context, ...(signal ? { signal } : {}) }
  if (guard.policy.document.mode === 'shadow') {
    try {
      await guard.exchange(asked).answer({ parts })
    } catch (error) {
      onShadowFault(error)
    }
    return { kind: 'released', texts: parts.map(textOf) }
  }
  const outcome = await guard.exchange(asked).answer({ parts })
  if (outcome.kind === 'released') return { kind: 'released', texts: outcome.parts.map((text) => text ?? '') }
  const { ticket } = outcome
  return {
    kind: 'withheld',
    decisionId: outcome.decision.id,
    ...(ticket === undefined ? {} : { ticket }),
  }
}
