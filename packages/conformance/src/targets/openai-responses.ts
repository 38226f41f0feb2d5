import type OpenAI from 'openai'
import type { CallRequest, Ending, Piece } from '../kit/target.ts'
import { openAiClientTarget } from './openai-client.ts'

type Receive = (piece: Piece) => void

function inputOf({ prompt, toolResult }: CallRequest): OpenAI.Responses.ResponseInput {
  const user = { role: 'user', content: prompt } as const
  if (toolResult === undefined) return [user]
  const call_id = 'call_kit0'
  return [
    user,
    { type: 'function_call', call_id, name: 'note', arguments: '{"text":"x"}' },
    { type: 'function_call_output', call_id, output: toolResult },
  ]
}

const NOTE_TOOL: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'note',
  strict: false,
  parameters: { type: 'object', properties: { text: { type: 'string' } } },
}

const endingOf = ({ status, incomplete_details: details }: OpenAI.Responses.Response): Ending => ({
  kind: status === 'incomplete' && details?.reason === 'content_filter' ? 'stopped' : 'finished',
})

function receiveItem(item: OpenAI.Responses.ResponseOutputItem, receive: Receive): void {
  if (item.type === 'message')
    for (const part of item.content)
      receive({ kind: 'text', text: part.type === 'output_text' ? part.text : part.refusal })
  if (item.type === 'reasoning') for (const { text } of item.summary) receive({ kind: 'reasoning', text })
  if (item.type === 'function_call') receive({ kind: 'toolCall', text: item.arguments })
}

function receiveEvent(event: OpenAI.Responses.ResponseStreamEvent, receive: Receive): Ending | undefined {
  receive({ kind: 'event', text: JSON.stringify(event) })
  switch (event.type) {
    case 'response.output_text.delta':
      receive({ kind: 'text', text: event.delta })
      return undefined
    case 'response.reasoning_summary_text.delta':
      receive({ kind: 'reasoning', text: event.delta })
      return undefined
    case 'response.function_call_arguments.delta':
      receive({ kind: 'toolCall', text: event.delta })
      return undefined
    case 'response.completed':
    case 'response.incomplete':
      return endingOf(event.response)
    default:
      return undefined
  }
}

/** The responses of a guarded client. */
export const openAiResponses = openAiClientTarget({
  name: 'parapet/openai (responses)',
  how: 'asked by responses.create',
  async ask(client, request, stream, receive) {
    const { tools, json, signal } = request
    const answer = await client.responses.create(
      {
        model: 'kit',
        input: inputOf(request),
        stream,
        ...(tools ? { tools: [NOTE_TOOL] } : {}),
        ...(json ? { text: { format: { type: 'json_object' } } } : {}),
      },
      { signal },
    )
    if ('output' in answer) {
      receive({ kind: 'event', text: JSON.stringify(answer) })
      for (const item of answer.output) receiveItem(item, receive)
      return endingOf(answer)
    }
    let ending: Ending = { kind: 'finished' }
    for await (const event of answer) ending = receiveEvent(event, receive) ?? ending
    return ending
  },
})
