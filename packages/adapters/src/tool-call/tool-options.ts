import type { RequestContext } from '@parapet/sdk'
import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'
import { DEFAULT_WITHHELD, type WithheldTool } from './withheld-tool.ts'

/** How tools are guarded. */
export interface GuardToolsOptions {
  /**
   * Whom calls are for: the same for all, or asked of each call's second argument (the AI SDK's execution options, with
   * your tool context). @default tenant `default`
   */
  readonly context?: RequestContext | ((options: unknown) => RequestContext)
  /** What the model reads in the place of a result that was withheld: neutral, never the reason. @default 'The result is not available.' */
  readonly withheld?: string
  /**
   * What a call gives when it, or its result, is withheld: the neutral text as its result, or an error
   * (PARAPET_ADAPTER_TOOL_WITHHELD). @default 'text'
   */
  readonly onBlock?: 'text' | 'throw'
  /** Gets each call and result that was withheld, with its ticket where a person can still decide. @default nothing */
  readonly onWithheld?: (withheld: WithheldTool) => void
  /** Gets each fault of the guard's own work that a call in shadow mode went on over. @default nothing */
  readonly onShadowFault?: (error: unknown) => void
}

export interface ResolvedToolsOptions extends Required<Omit<GuardToolsOptions, 'context'>> {
  readonly contextOf: (options: unknown) => RequestContext
}

/** What tools are guarded with when nothing is said. */
export const DEFAULT_TOOLS_OPTIONS = {
  withheld: DEFAULT_WITHHELD,
  onBlock: 'text',
} as const satisfies GuardToolsOptions

const listener = <Event>() =>
  z
    .custom<(event: Event) => void>((value) => typeof value === 'function', 'expected a function')
    .default(() => () => undefined)

const schema = z.strictObject({
  context: z
    .custom<GuardToolsOptions['context']>(
      (value) => typeof value === 'function' || (typeof value === 'object' && value !== null),
      'expected an object or a function',
    )
    .optional(),
  withheld: z.string().min(1).max(1_000).default(DEFAULT_TOOLS_OPTIONS.withheld),
  onBlock: z.enum(['text', 'throw']).default(DEFAULT_TOOLS_OPTIONS.onBlock),
  onWithheld: listener<WithheldTool>(),
  onShadowFault: listener<unknown>(),
})

/** The options with their defaults. @throws PARAPET_ADAPTER_OPTIONS */
export function resolveToolsOptions(adapter: string, options: GuardToolsOptions): ResolvedToolsOptions {
  const checked = schema.safeParse(options)
  if (!checked.success) {
    const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
    throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter, problems })
  }
  const { context = {}, ...resolved } = checked.data
  return { ...resolved, contextOf: typeof context === 'function' ? context : () => context }
}
