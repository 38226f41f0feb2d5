import type { Guard } from '@parapet/sdk'
import { isParapetError } from '@parapet/sdk'
import { jsonText } from '../tool-call/json-text.ts'
import type { ToolScene } from '../tool-call/judge-parts.ts'
import type { Piece } from '../tool-call/piece.ts'
import { createToolGuard, type Judged, withheldError } from '../tool-call/tool-guard.ts'
import type { ResolvedToolsOptions } from '../tool-call/tool-options.ts'

/** What the app gives to a call: whom it is for is asked of it. */
export interface CallRequest {
  readonly signal?: AbortSignal | undefined
}

/** Judges what goes to an MCP server, and what comes from it. In shadow mode both pass as they are. */
export interface McpJudge {
  /** Whether anything is withheld: not in shadow mode. */
  readonly enforces: boolean
  /** What is sent, with edits made. */
  sent<Params>(name: string, params: Params, request?: CallRequest): Promise<Judged<Params>>
  /** What was received, with edits made. */
  received<Value>(
    name: string,
    value: Value,
    piece: (value: Value) => Piece<Value>,
    request?: CallRequest,
  ): Promise<Judged<Value>>
  /** An error of the server, whose words somebody may read: the same one where it passes as it is. */
  failed(name: string, error: unknown, request?: CallRequest): Promise<Judged<unknown>>
  /** What stands in the place of what was withheld, or the error that the app asked for. */
  neutral<Value>(withheld: { readonly decisionId: string }, value: (text: string) => Value): Value
}

export function createMcpJudge(guard: Guard, options: ResolvedToolsOptions): McpJudge {
  const { onWithheld, onShadowFault } = options
  const tools = createToolGuard({ guard, onWithheld, onShadowFault })
  const shadow = guard.policy.document.mode === 'shadow'
  const scene = (request: CallRequest | undefined): ToolScene => ({
    conversation: [],
    context: options.contextOf(request),
    signal: request?.signal,
  })

  /** Judges beside the call, and waits for nothing. */
  async function watch(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      try {
        onShadowFault(error)
      } catch {
        // Whoever listens may fail too.
      }
    }
  }

  return {
    enforces: !shadow,

    async sent(name, params, request) {
      if (!shadow) return tools.call(name, params, scene(request))
      void watch(() => tools.call(name, params, scene(request)))
      return { kind: 'released', content: params }
    },

    async received(name, value, pieceOf, request) {
      if (shadow) {
        void watch(async () => tools.result(name, pieceOf(value).parts, scene(request)))
        return { kind: 'released', content: value }
      }
      const piece = pieceOf(value)
      const outcome = await tools.result(name, piece.parts, scene(request))
      if (outcome.kind === 'withheld') return outcome
      return { kind: 'released', content: piece.with(outcome.content) }
    },

    async failed(name, error, request) {
      if (shadow || isParapetError(error) || request?.signal?.aborted)
        return { kind: 'released', content: error }
      const data = error instanceof Error ? (error as { data?: unknown }).data : error
      const parts = [
        { text: error instanceof Error ? error.message : '' },
        ...(data === undefined ? [] : [{ text: jsonText(data, 'toolResult'), json: true }]),
      ]
      const outcome = await tools.result(name, parts, scene(request))
      if (outcome.kind === 'withheld') return outcome
      const same = outcome.content.every((released, index) => released === parts[index]?.text)
      return { kind: 'released', content: same ? error : new Error(outcome.content[0]) }
    },

    neutral(withheld, value) {
      if (options.onBlock === 'throw') throw withheldError(withheld)
      return value(options.withheld)
    },
  }
}
