import type { AnswerPart } from '@parapet/sdk'
import { matching, NAME } from '../answer/known-forms.ts'
import { jsonText, settledJson } from '../wire/json-text.ts'
import type { WireObject } from '../wire/wire-object.ts'
import { copyKnown, type Shape } from './shape.ts'
import type { JudgedBlock } from './whole-blocks.ts'
import { blockDelta, blockStart, blockStop } from './wire-events.ts'

const CALLER: Shape = { members: { type: 'name', tool_id: 'id' } }

/**
 * A call of a tool. The name of one that was not offered is made up by the model: it is judged like what it is called
 * with.
 * @param pieces the arguments as they streamed; none where they came whole
 */
export function callBlock(
  block: WireObject,
  pieces: readonly string[],
  { offered, idOf }: { readonly offered: ReadonlySet<unknown>; readonly idOf: (id: unknown) => string },
): JudgedBlock {
  const { type, name, caller, server_name: server, toolset_name: toolset } = block
  const toolName = String(name)
  const id = idOf(block['id'])
  const given = pieces.length > 0 ? pieces.join('') : jsonText(block['input'] ?? {})
  let input = ''
  let released = toolName
  const parts: AnswerPart[] = [
    {
      stage: 'toolCall',
      toolName,
      text: settledJson(given === '' ? '{}' : given),
      json: true,
      origin: { kind: String(type), id },
    },
  ]
  const takes = [
    (text: string) => {
      input = text
    },
  ]
  if (!offered.has(name)) {
    const origin = { kind: 'tool-name' }
    parts.unshift({ stage: 'toolCall', toolName, text: JSON.stringify(toolName), json: true, origin })
    takes.unshift((text) => {
      released = JSON.parse(text)
    })
  }
  const start = {
    type,
    id,
    input: {},
    ...(caller === undefined ? {} : { caller: copyKnown(caller, CALLER) ?? null }),
    ...(type === 'mcp_tool_use' ? { server_name: matching(NAME, server) ?? 'unknown' } : {}),
    ...(matching(NAME, toolset) === undefined ? {} : { toolset_name: toolset }),
  }
  return {
    parts,
    takes,
    events: (index) => [
      blockStart(index, { ...start, name: released }),
      blockDelta(index, { type: 'input_json_delta', partial_json: input }),
      blockStop(index),
    ],
  }
}
