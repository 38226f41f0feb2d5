import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import type { ModelMessage, TextStreamPart, ToolSet } from 'ai'
import type { CallRequest, Ending, OpenTarget, Piece, Target } from '../kit/target.ts'
import { version } from '../version.ts'
import { KIT_GUARD_HOW, kitGuard } from './kit-guard.ts'
import { loadAi } from './load-ai.ts'

type Receive = (piece: Piece) => void

function messagesOf({ prompt, toolResult }: CallRequest): ModelMessage[] {
  const user: ModelMessage = { role: 'user', content: prompt }
  if (toolResult === undefined) return [user]
  const named = { toolCallId: 'call_kit0', toolName: 'note' }
  return [
    user,
    { role: 'assistant', content: [{ type: 'tool-call', ...named, input: { text: 'x' } }] },
    {
      role: 'tool',
      content: [{ type: 'tool-result', ...named, output: { type: 'text', value: toolResult } }],
    },
  ]
}

/** The guard's own message is a text part with the decision's id in its metadata (docs/adapters/ai-sdk.md). */
const isMessage = (part: { readonly providerMetadata?: object | undefined }) =>
  part.providerMetadata !== undefined && 'parapet' in part.providerMetadata

/** Tells each part of a stream, and gives the ending that the part says, if it says one. */
function partReceiver(receive: Receive): (part: TextStreamPart<ToolSet>) => Ending | undefined {
  const messages = new Set<string>()
  return (part) => {
    receive({ kind: 'event', text: JSON.stringify(part) })
    switch (part.type) {
      case 'text-start':
        if (isMessage(part)) messages.add(part.id)
        return undefined
      case 'text-delta':
        receive({ kind: messages.has(part.id) ? 'message' : 'text', text: part.text })
        return undefined
      case 'reasoning-delta':
        receive({ kind: 'reasoning', text: part.text })
        return undefined
      case 'tool-input-delta':
        receive({ kind: 'toolCall', text: part.delta })
        return undefined
      case 'error':
        return { kind: 'failed', error: part.error }
      case 'finish':
        return { kind: part.finishReason === 'content-filter' ? 'stopped' : 'finished' }
      default:
        return undefined
    }
  }
}

/** A model of the AI SDK's OpenAI-compatible provider, wrapped in the guard's middleware. */
export const aiSdk: Target = {
  name: 'parapet/ai-sdk',
  version,
  how: `${KIT_GUARD_HOW}; guardMiddleware around a model of @ai-sdk/openai-compatible, asked by generateText and streamText (docs/adapters/ai-sdk.md)`,
  async open({ upstreamUrl, ...setup }): Promise<OpenTarget> {
    const { createOpenAICompatible, generateText, jsonSchema, Output, streamText, wrapLanguageModel } =
      await loadAi()
    const guard = kitGuard(setup)
    const provider = createOpenAICompatible({ name: 'kit', baseURL: upstreamUrl })
    const model = wrapLanguageModel({ model: provider('kit'), middleware: guardMiddleware(guard) })
    const tools: ToolSet = {
      note: { inputSchema: jsonSchema({ type: 'object', properties: { text: { type: 'string' } } }) },
    }
    const settings = (request: CallRequest) => ({
      model,
      messages: messagesOf(request),
      maxRetries: 0,
      abortSignal: request.signal,
      ...(request.tools ? { tools } : {}),
      ...(request.json ? { output: Output.json() } : {}),
    })
    return {
      async generate(request, receive) {
        const result = await generateText(settings(request))
        const { content, response, providerMetadata, finishReason } = result
        receive({ kind: 'event', text: JSON.stringify([content, response, providerMetadata]) })
        for (const part of content)
          if (part.type === 'text') receive({ kind: isMessage(part) ? 'message' : 'text', text: part.text })
          else if (part.type === 'reasoning') receive({ kind: 'reasoning', text: part.text })
          else if (part.type === 'tool-call') receive({ kind: 'toolCall', text: JSON.stringify(part.input) })
        return { kind: finishReason === 'content-filter' ? 'stopped' : 'finished' }
      },
      async stream(request, receive) {
        const receivePart = partReceiver(receive)
        let ending: Ending = { kind: 'finished' }
        for await (const part of streamText({ ...settings(request), onError: () => {} }).fullStream)
          ending = receivePart(part) ?? ending
        return ending
      },
      close: () => guard.close(),
    }
  },
}
