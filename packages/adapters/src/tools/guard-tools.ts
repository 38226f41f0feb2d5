import type { Guard } from '@parapet/sdk'
import { createToolGuard } from '../tool-call/tool-guard.ts'
import { type GuardToolsOptions, resolveToolsOptions } from '../tool-call/tool-options.ts'
import { type CallContexts, createCallContexts, type NamedCall } from './call-contexts.ts'
import { type GuardedRunInput, guardedRun, type Run, sceneOf } from './guarded-run.ts'
import { modelOutput } from './model-output.ts'
import { shadowRun } from './shadow-run.ts'

/** A tool of the AI SDK, by its shape. */
export interface ExecutableTool {
  readonly execute?: ((...given: never[]) => unknown) | undefined
  readonly toModelOutput?: ((...given: never[]) => unknown) | undefined
}

/** What can be guarded: a tool of the AI SDK, or a plain function of its arguments. */
export type GuardableTool = ExecutableTool | ((...given: never[]) => unknown)

/** A guarded tool: the same type or, for a function, one whose result has to be waited for. */
export type GuardedTool<Tool> = Tool extends (...given: infer Given) => infer Result
  ? (...given: Given) => Result extends AsyncGenerator ? Result : Promise<Awaited<Result>>
  : Tool

/** What `toModelOutput` is asked with. */
interface ModelOutputRequest extends NamedCall {
  readonly output: unknown
}

/** The same function, that keeps whom each of its calls is for. */
function remembering(run: Run, contexts: CallContexts, { options }: GuardedRunInput): Run {
  return (input, given) => {
    const { toolCallId } = (given ?? {}) as { readonly toolCallId?: unknown }
    try {
      contexts.remember({ toolCallId, input }, options.contextOf(given))
    } catch {
      // The run itself asks again, and says so in its own way.
    }
    return run(input, given)
  }
}

/** A tool that shapes what the model reads says a new text: it is judged like the result. */
function guardedModelOutput(
  toModelOutput: (request: ModelOutputRequest) => unknown,
  contexts: CallContexts,
  { toolName, tools, options }: GuardedRunInput,
) {
  return async (request: ModelOutputRequest): Promise<unknown> => {
    const withheld = { type: 'text', value: options.withheld }
    // The neutral text is no result of the tool's own form.
    if (request.output === options.withheld) return withheld
    const output = modelOutput(await toModelOutput(request))
    const context = contexts.recall(request)
    const scene = context ? { conversation: [], context } : sceneOf(options, undefined)
    const outcome = await tools.result(toolName, output.parts, scene)
    return outcome.kind === 'withheld' ? withheld : output.with(outcome.content)
  }
}

/** The same tool, with everything that it has, and other functions. */
function withFunctions<Tool extends object>(tool: Tool, functions: Readonly<Record<string, unknown>>): Tool {
  const members = Object.getOwnPropertyDescriptors(tool)
  const replaced = Object.entries(functions).map(([name, value]) => [
    name,
    { value, enumerable: true, configurable: true, writable: true },
  ])
  return Object.create(Object.getPrototypeOf(tool), { ...members, ...Object.fromEntries(replaced) })
}

/**
 * Guards tools: of the AI SDK (`tools: guardTools(guard, tools)`), or plain functions.
 *
 * Arguments are judged (stage `toolCall`) before a tool runs, and results (stage `toolResult`), errors among them, before
 * anybody reads them; redactions are made in both. What is withheld gives the model a short neutral text, and never the
 * reason. An approval that the caller's messages bring along changes nothing here: only a reviewer lifts a hold.
 *
 * It does not judge tools without `execute`, which run at the provider or in the browser: the guarded model judges their
 * calls and results. Callbacks of a tool (`onInputDelta`, `needsApproval`) see the arguments as the model wrote them.
 * @throws PARAPET_ADAPTER_OPTIONS; calls reject with PARAPET_ADAPTER_TOOL_NOT_JSON, PARAPET_ADAPTER_TOOL_WITHHELD,
 * PARAPET_ADAPTER_PART_UNKNOWN and the guard's errors
 */
export function guardTools<Tools extends Readonly<Record<string, ExecutableTool & { inputSchema: unknown }>>>(
  guard: Guard,
  tools: Tools,
  options?: GuardToolsOptions,
): Tools
export function guardTools<Tools extends Readonly<Record<string, GuardableTool>>>(
  guard: Guard,
  tools: Tools,
  options?: GuardToolsOptions,
): { [Name in keyof Tools]: GuardedTool<Tools[Name]> }
export function guardTools(
  guard: Guard,
  tools: Readonly<Record<string, GuardableTool>>,
  options: GuardToolsOptions = {},
): object {
  const resolved = resolveToolsOptions('guardTools', options)
  const { onWithheld, onShadowFault } = resolved
  const toolGuard = createToolGuard({ guard, onWithheld, onShadowFault })
  const shadow = guard.policy.document.mode === 'shadow'
  const running = shadow ? shadowRun : guardedRun
  const guarded = Object.entries(tools).map(([toolName, tool]) => {
    const input: GuardedRunInput = { toolName, tools: toolGuard, options: resolved }
    if (typeof tool === 'function') return [toolName, running(tool as Run, input)]
    const { execute, toModelOutput } = tool
    const contexts = createCallContexts()
    const run = execute && running(execute.bind(tool) as Run, input)
    const functions = {
      ...(run ? { execute: toModelOutput ? remembering(run, contexts, input) : run } : {}),
      ...(toModelOutput
        ? { toModelOutput: guardedModelOutput(toModelOutput.bind(tool) as never, contexts, input) }
        : {}),
    }
    return [toolName, withFunctions(tool, functions)]
  })
  return Object.fromEntries(guarded)
}
