import type Anthropic from '@anthropic-ai/sdk'
import { guardAnthropic, isGuardMessage } from '@parapet/adapters/anthropic'
import type { CallRequest, Ending, OpenTarget, Piece, Target } from '../kit/target.ts'
import { version } from '../version.ts'
import { KIT_GUARD_HOW, kitGuard } from './kit-guard.ts'
import { loadAnthropic } from './load-anthropic.ts'

type Receive = (piece: Piece) => void

function messagesOf({ prompt, toolResult }: CallRequest): Anthropic.MessageParam[] {
  const user = { role: 'user', content: prompt } as const
  if (toolResult === undefined) return [user]
  const id = 'toolu_kit0'
  return [
    user,
    { role: 'assistant', content: [{ type: 'tool_use', id, name: 'note', input: { text: 'x' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: toolResult }] },
  ]
}

const JSON_SCHEMA = {
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
  additionalProperties: false,
} as const

function bodyOf(request: CallRequest): Anthropic.MessageCreateParamsNonStreaming {
  const { tools, json } = request
  return {
    model: 'kit',
    max_tokens: 4_096,
    messages: messagesOf(request),
    ...(tools ? { tools: [{ name: 'note', input_schema: { type: 'object' } }] } : {}),
    ...(json ? { output_config: { format: { type: 'json_schema', schema: { ...JSON_SCHEMA } } } } : {}),
  }
}

const endingOf = (stopReason: string | null): Ending => ({
  kind: stopReason === 'refusal' ? 'stopped' : 'finished',
})

function receiveBlock(block: Anthropic.ContentBlock, receive: Receive): void {
  if (block.type === 'text') receive({ kind: isGuardMessage(block) ? 'message' : 'text', text: block.text })
  if (block.type === 'thinking') receive({ kind: 'reasoning', text: block.thinking })
  if (block.type === 'tool_use') receive({ kind: 'toolCall', text: JSON.stringify(block.input) })
}

/** Tells each event of a stream, and gives the ending that the event says, if it says one. */
function eventReceiver(receive: Receive): (event: Anthropic.MessageStreamEvent) => Ending | undefined {
  let isMessage = false
  return (event) => {
    receive({ kind: 'event', text: JSON.stringify(event) })
    if (event.type === 'message_delta') return endingOf(event.delta.stop_reason)
    if (event.type === 'content_block_start') isMessage = isGuardMessage(event.content_block)
    if (event.type !== 'content_block_delta') return undefined
    const { delta } = event
    if (delta.type === 'text_delta') receive({ kind: isMessage ? 'message' : 'text', text: delta.text })
    if (delta.type === 'thinking_delta') receive({ kind: 'reasoning', text: delta.thinking })
    if (delta.type === 'input_json_delta') receive({ kind: 'toolCall', text: delta.partial_json })
    return undefined
  }
}

/** The messages of a guarded client. */
export const anthropic: Target = {
  name: 'parapet/anthropic',
  version,
  how: `${KIT_GUARD_HOW}; guardAnthropic around a client of @anthropic-ai/sdk, asked by messages.create; a second choice is a second block (docs/adapters/anthropic.md)`,
  async open({ upstreamUrl, ...setup }): Promise<OpenTarget> {
    const { Anthropic } = await loadAnthropic()
    const guard = kitGuard(setup)
    const baseURL = new URL(upstreamUrl).origin
    const client = guardAnthropic(new Anthropic({ baseURL, apiKey: 'kit', maxRetries: 0 }), guard)
    return {
      async generate(request, receive) {
        const message = await client.messages.create(bodyOf(request), { signal: request.signal })
        receive({ kind: 'event', text: JSON.stringify(message) })
        for (const block of message.content) receiveBlock(block, receive)
        return endingOf(message.stop_reason)
      },
      async stream(request, receive) {
        const body = { ...bodyOf(request), stream: true } as const
        const receiveEvent = eventReceiver(receive)
        let ending: Ending = { kind: 'finished' }
        for await (const event of await client.messages.create(body, { signal: request.signal }))
          ending = receiveEvent(event) ?? ending
        return ending
      },
      close: () => guard.close(),
    }
  },
}
