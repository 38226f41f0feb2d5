import type { AnswerScript, ScriptedChoice } from './script.ts'

const HEAD = { id: 'chatcmpl-kit', created: 1_700_000_000, model: 'kit' }
const USAGE = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

const finishOf = ({ toolCall }: ScriptedChoice) => (toolCall === undefined ? 'stop' : 'tool_calls')

const toolCallOf = (input: string) => ({
  id: 'call_kit1',
  type: 'function',
  function: { name: 'note', arguments: input },
})

/** A script as the body of a chat completion. */
export function chatCompletion({ choices }: AnswerScript): object {
  return {
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
  }
}

function cut(text: string, size: number): string[] {
  if (size === 0) return [text]
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.slice(at * size, (at + 1) * size),
  )
}

interface Delta {
  readonly index: number
  readonly delta: object
  readonly finish?: string
}

function deltasOf(choice: ScriptedChoice, index: number, size: number): Delta[] {
  const { text = '', reasoning = '', toolCall } = choice
  const deltas: Delta[] = [
    { index, delta: { role: 'assistant', content: '' } },
    ...cut(reasoning, size).map((piece) => ({ index, delta: { reasoning_content: piece } })),
    ...cut(text, size).map((piece) => ({ index, delta: { content: piece } })),
  ]
  if (toolCall !== undefined) {
    deltas.push({ index, delta: { tool_calls: [{ index: 0, ...toolCallOf('') }] } })
    for (const piece of cut(toolCall, size))
      deltas.push({ index, delta: { tool_calls: [{ index: 0, function: { arguments: piece } }] } })
  }
  return deltas
}

/** A script as the events of a stream, in order; the last one ends it, unless it is cut. */
export function chatEvents(script: AnswerScript): string[] {
  const { choices, chunk = 8, ending = 'apart' } = script
  const deltas = choices.flatMap((choice, index) => {
    const pieces = deltasOf(choice, index, chunk)
    const finish = finishOf(choice)
    if (ending === 'cut') return pieces
    if (ending === 'apart') return [...pieces, { index, delta: {}, finish }]
    return pieces.map((piece, at) => (at === pieces.length - 1 ? { ...piece, finish } : piece))
  })
  const events = deltas.map(({ index, delta, finish = null }) =>
    JSON.stringify({
      ...HEAD,
      object: 'chat.completion.chunk',
      choices: [{ index, delta, finish_reason: finish }],
    }),
  )
  return ending === 'cut' ? events : [...events, '[DONE]']
}
