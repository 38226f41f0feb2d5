import type { LitellmRequest } from './wire.ts'

type ToolCall = NonNullable<LitellmRequest['tool_calls']>[number]

/** What a tool call says. */
export interface ReadCall {
  readonly id: string
  readonly name: string
  /** JSON: the arguments, or a custom tool's text as one string. */
  readonly input: string
}

/** Reads a tool call; undefined for a shape that is not known, of which nobody can say what it holds. */
export function readToolCall({ id, type, function: called, custom }: ToolCall): ReadCall | undefined {
  const kind = type ?? 'function'
  if (kind === 'function' && called && !custom)
    return { id: id ?? '', name: called.name ?? '', input: called.arguments ?? '' }
  if (kind === 'custom' && custom && !called)
    return { id: id ?? '', name: custom.name ?? '', input: JSON.stringify(custom.input ?? '') }
  return undefined
}
