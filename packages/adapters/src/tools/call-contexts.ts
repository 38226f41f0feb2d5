import type { RequestContext } from '@parapet/sdk'

/** A call of a tool, as the AI SDK names it when it runs one and when it asks what the model reads of it. */
export interface NamedCall {
  readonly toolCallId: unknown
  readonly input: unknown
}

/** Whom calls were for, by the call: `toModelOutput` is asked without the options that say so. */
export interface CallContexts {
  remember(call: NamedCall, context: RequestContext): void
  /** Undefined where the call is not known, or two that cannot be told apart were for others. */
  recall(call: NamedCall): RequestContext | undefined
}

/** Calls that are kept; what comes next to a call is what the model reads of it, so a few would do. */
const MOST = 1_000

export function createCallContexts(most = MOST): CallContexts {
  const calls: (NamedCall & { readonly context: RequestContext })[] = []

  return {
    remember({ toolCallId, input }, context) {
      if (typeof toolCallId !== 'string') return
      calls.push({ toolCallId, input, context })
      if (calls.length > most) calls.shift()
    },
    recall({ toolCallId, input }) {
      // Models number their calls, so that one id may be of several requests: their arguments are not the same value.
      const named = calls.filter((call) => call.toolCallId === toolCallId)
      const same = named.filter((call) => Object.is(call.input, input))
      const found = same.length > 0 ? same : named
      const contexts = new Set(found.map(({ context }) => JSON.stringify(context)))
      return contexts.size === 1 ? found[0]?.context : undefined
    },
  }
}
