import { isParapetError } from '@parapet/sdk'
import { jsonText } from '../tool-call/json-text.ts'
import type { ToolScene } from '../tool-call/judge-parts.ts'
import { type Judged, type ToolGuard, withheldError } from '../tool-call/tool-guard.ts'
import type { ResolvedToolsOptions } from '../tool-call/tool-options.ts'
import { conversationOf, signalOf } from './conversation.ts'

/** What runs a tool: its arguments first, then whatever its framework gives with them. */
export type Run = (input: unknown, options?: unknown) => unknown

/** What a tool is guarded with. */
export interface GuardedRunInput {
  readonly toolName: string
  readonly tools: ToolGuard
  readonly options: ResolvedToolsOptions
}

export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof (value as AsyncIterable<unknown> | null | undefined)?.[Symbol.asyncIterator] === 'function'

/** Whether a function gives its results one by one: the AI SDK asks for that before anything was awaited. */
const isGenerator = (run: Run): boolean =>
  Object.prototype.toString.call(run) === '[object AsyncGeneratorFunction]'

/** What the model would read of an error, as the AI SDK says it. */
export function errorText(error: unknown): { readonly text: string; readonly json: boolean } {
  if (error instanceof Error) return { text: String(error), json: false }
  if (typeof error === 'string') return { text: error, json: false }
  return { text: jsonText(error, 'toolResult'), json: true }
}

/** Where a call stands, by what the framework gave with its arguments. */
export function sceneOf(options: ResolvedToolsOptions, given: unknown): ToolScene {
  return {
    conversation: conversationOf(given),
    context: options.contextOf(given),
    signal: signalOf(given),
  }
}

/**
 * Runs a tool between two judgements: its arguments before, each of its results after, and the errors it throws, which
 * the model reads too. What is released of a result is its JSON: exactly what was judged.
 */
export function guardedRun(run: Run, { toolName, tools, options }: GuardedRunInput): Run {
  /** A withheld call or result, as the app wants it. */
  function withheld(outcome: Extract<Judged<unknown>, { kind: 'withheld' }>): string {
    if (options.onBlock === 'throw') throw withheldError(outcome)
    return options.withheld
  }

  async function released(
    value: unknown,
    scene: ToolScene,
  ): Promise<{ readonly value: unknown; readonly over: boolean }> {
    if (value === undefined) return { value, over: false }
    const json = typeof value !== 'string'
    const text = json ? jsonText(value, 'toolResult') : value
    const outcome = await tools.result(toolName, [{ text, json }], scene)
    if (outcome.kind === 'withheld') return { value: withheld(outcome), over: true }
    const [edited = ''] = outcome.content
    return { value: json ? JSON.parse(edited) : edited, over: false }
  }

  /** The error as the model may read it: the tool's own where it passes as it is. */
  async function judgedError(error: unknown, scene: ToolScene): Promise<unknown> {
    if (isParapetError(error) || scene.signal?.aborted) return error
    const read = errorText(error)
    const outcome = await tools.result(toolName, [read], scene)
    if (outcome.kind === 'withheld')
      return options.onBlock === 'throw' ? withheldError(outcome) : new Error(options.withheld)
    const [edited = ''] = outcome.content
    return edited === read.text ? error : new Error(edited)
  }

  async function* stream(input: unknown, given: unknown): AsyncGenerator<unknown, void> {
    const scene = sceneOf(options, given)
    const call = await tools.call(toolName, input, scene)
    if (call.kind === 'withheld') return yield withheld(call)
    try {
      for await (const value of run(call.content, given) as AsyncIterable<unknown>) {
        const result = await released(value, scene)
        yield result.value
        if (result.over) return
      }
    } catch (error) {
      throw await judgedError(error, scene)
    }
  }

  /** A result that turns out to be a stream is its last one, each having been judged. */
  async function whole(input: unknown, given: unknown): Promise<unknown> {
    const scene = sceneOf(options, given)
    const call = await tools.call(toolName, input, scene)
    if (call.kind === 'withheld') return withheld(call)
    try {
      const result = await run(call.content, given)
      if (!isAsyncIterable(result)) return (await released(result, scene)).value
      let last: unknown
      for await (const value of result) {
        const judged = await released(value, scene)
        last = judged.value
        if (judged.over) break
      }
      return last
    } catch (error) {
      throw await judgedError(error, scene)
    }
  }

  return isGenerator(run) ? stream : whole
}
