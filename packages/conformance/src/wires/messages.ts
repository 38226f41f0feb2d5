import type { AnswerScript, ScriptedChoice } from '../kit/script.ts'
import { cut, namedEvent, type Wire } from './wire.ts'

/** The blocks of a choice: what has no choices gives one block more for each. */
function blocksOf({ text, reasoning, toolCall }: ScriptedChoice) {
  return [
    ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning, signature: '' } as const]),
    ...(text === undefined ? [] : [{ type: 'text', text, citations: null } as const]),
    ...(toolCall === undefined
      ? []
      : [
          {
            type: 'tool_use',
            id: 'toolu_kit1',
            name: 'note',
            input: JSON.parse(toolCall) as unknown,
          } as const,
        ]),
  ]
}

const allBlocks = ({ choices }: AnswerScript) => choices.flatMap(blocksOf)
type Block = ReturnType<typeof allBlocks>[number]

const stopReason = ({ choices }: AnswerScript) =>
  choices.some(({ toolCall }) => toolCall !== undefined) ? 'tool_use' : 'end_turn'

const envelope = {
  id: 'msg_kit',
  type: 'message',
  role: 'assistant',
  model: 'kit',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
} as const

/** A block as it begins, and what it is made of. */
function opened(block: Block, script: AnswerScript): { readonly empty: object; readonly deltas: object[] } {
  switch (block.type) {
    case 'thinking':
      return {
        empty: { ...block, thinking: '' },
        deltas: cut(block.thinking, script).map((thinking) => ({ type: 'thinking_delta', thinking })),
      }
    case 'text':
      return {
        empty: { ...block, text: '' },
        deltas: cut(block.text, script).map((text) => ({ type: 'text_delta', text })),
      }
    case 'tool_use':
      return {
        empty: { ...block, input: {} },
        deltas: cut(JSON.stringify(block.input), script).map((partial_json) => ({
          type: 'input_json_delta',
          partial_json,
        })),
      }
  }
}

/** Anthropic's messages. The end has events of its own, always. */
export const messagesWire: Wire = {
  whole: (script) => ({ ...envelope, content: allBlocks(script), stop_reason: stopReason(script) }),
  events(script) {
    const blocks = allBlocks(script).flatMap((block, index) => {
      const { empty, deltas } = opened(block, script)
      return [
        { type: 'content_block_start', index, content_block: empty },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ]
    })
    const begun = [
      { type: 'message_start', message: { ...envelope, content: [], stop_reason: null } },
      ...blocks,
    ]
    const delta = { stop_reason: stopReason(script), stop_sequence: null }
    const end = [{ type: 'message_delta', delta, usage: { output_tokens: 1 } }, { type: 'message_stop' }]
    return (script.ending === 'cut' ? begun : [...begun, ...end]).map(namedEvent)
  },
}
