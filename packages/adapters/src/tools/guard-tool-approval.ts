import type { Guard } from '@parapet/sdk'
import { createToolGuard } from '../tool-call/tool-guard.ts'
import { type GuardToolsOptions, resolveToolsOptions } from '../tool-call/tool-options.ts'
import { sceneOf } from './guarded-run.ts'

/** What the AI SDK asks `toolApproval` with, by its shape. */
export interface ToolApprovalQuestion {
  readonly toolCall: { readonly toolName: string; readonly toolCallId: string; readonly input: unknown }
  readonly tools?: Readonly<Record<string, object>> | undefined
  readonly toolsContext?: unknown
  readonly messages?: unknown
}

/** What the guard says of a call; `user-approval` only for a tool whose own `needsApproval` asks for it besides. */
export type ToolApproval = 'approved' | 'denied' | 'user-approval'

type NeedsApproval = boolean | ((input: unknown, options: object) => boolean | PromiseLike<boolean>)

const own = (record: unknown, key: string): unknown =>
  typeof record === 'object' && record !== null && Object.hasOwn(record, key)
    ? (record as Record<string, unknown>)[key]
    : undefined

/** A `toolApproval` takes the place of each tool's own `needsApproval`: what a developer asked for must not be lost by it. */
async function asksUser({ toolCall, tools, toolsContext, messages }: ToolApprovalQuestion): Promise<boolean> {
  const { toolName, toolCallId, input } = toolCall
  const needsApproval = own(own(tools, toolName), 'needsApproval') as NeedsApproval | undefined
  if (typeof needsApproval !== 'function') return needsApproval === true
  return needsApproval(input, { toolCallId, messages, context: own(toolsContext, toolName) })
}

/**
 * Guards the calls of tools by the AI SDK's `toolApproval`, where their functions cannot be wrapped: a call that the
 * policy lets pass is `approved`; one that it blocks, redacts, or holds until nobody waits is `denied`, also when the
 * caller's messages say that a user approved it. Results are not judged by this: use `guardTools` where you can, and not
 * both, since each would open a review of its own.
 * @throws PARAPET_ADAPTER_OPTIONS; calls reject with PARAPET_ADAPTER_TOOL_NOT_JSON and the guard's errors
 */
export function guardToolApproval(
  guard: Guard,
  options: Pick<GuardToolsOptions, 'context' | 'onWithheld' | 'onShadowFault'> = {},
): (question: ToolApprovalQuestion) => Promise<ToolApproval> {
  const resolved = resolveToolsOptions('guardToolApproval', options)
  const { onWithheld, onShadowFault } = resolved
  const tools = createToolGuard({ guard, onWithheld, onShadowFault })

  return async (question) => {
    const { toolName, input } = question.toolCall
    const scene = sceneOf(resolved, { messages: question.messages })
    const outcome = await tools.call(toolName, input, scene)
    // An approval cannot carry edits.
    if (outcome.kind === 'withheld' || outcome.content !== input) return 'denied'
    return (await asksUser(question)) ? 'user-approval' : 'approved'
  }
}
