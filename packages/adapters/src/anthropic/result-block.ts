import type { AnswerPart } from '@parapet/sdk'
import type { WireObject } from '../wire/wire-object.ts'
import { gatherTexts } from './gather-texts.ts'
import { copyKnown, type Shape } from './shape.ts'
import type { JudgedBlock } from './whole-blocks.ts'
import { blockStart, blockStop } from './wire-events.ts'

export interface ResultBlockSetup {
  /** The names of the tools that were called, by the provider's ids. */
  readonly called: ReadonlyMap<unknown, string>
  readonly idOf: (id: unknown) => string
}

/** A result, or a file, of a tool that ran at the provider: its texts are judged as one, what nothing can read apart. */
export function resultBlock(
  block: WireObject,
  shape: Shape,
  { called, idOf }: ResultBlockSetup,
): JudgedBlock {
  const known = { block: copyKnown(block, shape) as Record<string, unknown> }
  const texts = gatherTexts(known, 'block', shape)
  const { type, tool_use_id: id } = block
  if (id !== undefined) known.block['tool_use_id'] = idOf(id)
  const toolName = called.get(id) ?? 'unknown'
  const origin = { kind: String(type) }
  const text: AnswerPart = { stage: 'toolResult', toolName, text: texts.json, json: true, origin }
  const parts: AnswerPart[] = [
    ...(texts.count === 0 ? [] : [text]),
    ...texts.media.map((media) => ({ stage: 'toolResult' as const, media, origin })),
  ]
  return {
    parts,
    takes: parts.map((part) => ('media' in part ? () => undefined : texts.write)),
    events: (index) => [blockStart(index, known.block), blockStop(index)],
  }
}
