import type { AnswerPart } from '@parapet/sdk'
import type { WireObject } from '../wire/wire-object.ts'
import { resultShape } from './block-shapes.ts'
import type { Shape } from './shape.ts'
import type { WireEvent } from './wire-events.ts'

/** A block that is judged, and leaves, in one piece. */
export interface JudgedBlock {
  /** What is judged of it, in order. */
  readonly parts: readonly AnswerPart[]
  /** What becomes of each part when it is released. */
  readonly takes: readonly ((text: string) => void)[]
  /** The block as it leaves, once all of it was released. */
  readonly events: (index: number) => WireEvent[]
}

const CALLS: readonly unknown[] = ['tool_use', 'server_tool_use', 'mcp_tool_use']

/** Whether a block of this kind is a call of a tool: its arguments may stream. */
export const isCall = (type: unknown): boolean => CALLS.includes(type)

const MODEL: Shape = { members: { model: 'name' } }

/** Blocks without text: sealed by the provider, the mark where another model took over, or a file. */
const WITHOUT_TEXT = {
  types: {
    redacted_thinking: { data: 'sealed' },
    fallback: { from: MODEL, to: MODEL, trigger: { members: { type: 'name', category: 'name' } } },
    container_upload: { file_id: { media: 'application/octet-stream' } },
  },
} as const satisfies Shape

/** The shape of a block that comes in one piece; undefined where this version knows none. */
export function wholeShape(block: WireObject): Shape | undefined {
  const { type } = block
  const withoutText = typeof type === 'string' && Object.hasOwn(WITHOUT_TEXT.types, type)
  return withoutText ? WITHOUT_TEXT : resultShape(block)
}
