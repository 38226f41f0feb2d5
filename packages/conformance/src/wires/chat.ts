import type { AnswerScript, ScriptedChoice } from '../kit/script.ts'
import { cut, type Wire } from './wire.ts'

const HEAD = { id: 'chatcmpl-kit', created: 1_700_000_000, model: 'kit' }
const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

const finishOf = ({ toolCall }: ScriptedChoice) => (toolCall === undefined ? 'stop' : 'tool_calls')

const toolCallOf = (input: string) => ({
  id: 'call_kit1',
  type: 'function',
  function: { name: 'note', arguments: input },
})

interface Delta {
  readonly index: number
  readonly delta: object
  readonly finish?: string
}

function deltasOf(choice: ScriptedChoice, index: number, script: AnswerScript): Delta[] {
  const { text = '', reasoning = '', toolCall } = choice
  const deltas: Delta[] = [
    { index, delta: { role: 'assistant', content: '' } },
    ...cut(reasoning, script).map((piece) => ({ index, delta: { reasoning_content: piece } })),
    ...cut(text, script).map((piece) => ({ index, delta: { content: piece } })),
  ]
  if (toolCall === undefined) return deltas
  return [
    ...deltas,
    { index, delta: { tool_calls: [{ index: 0, ...toolCallOf('') }] } },
    ...cut(toolCall, script).map((piece) => ({
      index,
      delta: { tool_calls: [{ index: 0, function: { arguments: piece } }] },
    })),
  ]
}

/** OpenAI's chat completions, and everybody's who speaks them. */
export const chatWire: Wire = {
  whole: ({ choices }) => ({
    ...HEAD,
    object: 'chat.completion',
    choices: choices.map((choice, index) => ({
      index,
      message: {
        role: 'assistant',
        content: choice.text ?? null,
        ...(choice.reasoning === undefined ? {} : { reasoning_content: choice.reasoning }),
        ...(choice.toolCall === undefined ? {} : { tool_calls: [toolCallOf(choice.toolCall)] }),
      },
      finish_reason: finishOf(choice),
    })),
    usage: USAGE,
  }),
  events(script) {
    const { choices, ending = 'apart' } = script
    const deltas = choices.flatMap((choice, index) => {
      const pieces = deltasOf(choice, index, script)
      const finish = finishOf(choice)
      if (ending === 'cut') return pieces
      if (ending === 'apart') return [...pieces, { index, delta: {}, finish }]
      return pieces.map((piece, at) => (at === pieces.length - 1 ? { ...piece, finish } : piece))
    })
    const events = deltas.map(({ index, delta, finish = null }) => {
      const choice = { index, delta, finish_reason: finish }
      return `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices: [choice] })}\n\n`
    })
    return ending === 'cut' ? events : [...events, 'data: [DONE]\n\n']
  },
}
