import { AIMessage, AIMessageChunk, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { createAgent, openAIModerationMiddleware, tool } from 'langchain'
import { z } from 'zod'
import manifest from './package.json' with { type: 'json' }

/** A tool of the app: what it is called with has reached the app. */
const noteTool = (receive) =>
  tool(
    (input) => {
      receive({ kind: 'toolCall', text: JSON.stringify(input) })
      return 'noted'
    },
    { name: 'note', description: 'Takes a note.', schema: z.object({ text: z.string() }) },
  )

function messagesOf({ prompt, toolResult }) {
  const user = new HumanMessage(prompt)
  if (toolResult === undefined) return [user]
  const call = { id: 'call_kit0', name: 'note', args: { text: 'x' } }
  return [
    user,
    new AIMessage({ content: '', tool_calls: [call] }),
    new ToolMessage({ tool_call_id: 'call_kit0', content: toolResult }),
  ]
}

function receiveMessage(message, receive) {
  if (message.text) receive({ kind: 'text', text: message.text })
  const reasoning = message.additional_kwargs?.reasoning_content
  if (reasoning) receive({ kind: 'reasoning', text: reasoning })
  const calls = message instanceof AIMessageChunk ? message.tool_call_chunks : message.tool_calls
  for (const { args } of calls ?? [])
    receive({ kind: 'toolCall', text: typeof args === 'string' ? args : JSON.stringify(args) })
}

/** @type {import('@parapet/conformance').Target} */
export const target = {
  name: 'langchain',
  version: manifest.dependencies.langchain,
  how: 'createAgent with openAIModerationMiddleware on input, output and tool results (`exitBehavior: end`, its default), whose moderation route is the check; agent.invoke, and agent.stream with `streamMode: messages` for tokens (docs: the docstring of openAIModerationMiddleware; Streaming, "LLM tokens")',
  async open({ upstreamUrl, judge, checkTimeoutMs }) {
    const chat = (baseURL, rest) =>
      new ChatOpenAI({ model: 'gpt-4o', apiKey: 'kit', maxRetries: 0, configuration: { baseURL }, ...rest })
    const middleware = openAIModerationMiddleware({
      model: chat(`${judge.url}/v1`, { timeout: checkTimeoutMs }),
      checkInput: true,
      checkOutput: true,
      checkToolResults: true,
    })
    const agentFor = ({ tools, json }, receive) =>
      createAgent({
        model: chat(upstreamUrl, json ? { modelKwargs: { response_format: { type: 'json_object' } } } : {}),
        tools: tools ? [noteTool(receive)] : [],
        middleware: [middleware],
      })
    return {
      async generate(request, receive) {
        const { messages } = await agentFor(request, receive).invoke(
          { messages: messagesOf(request) },
          { signal: request.signal },
        )
        // The answer is the last message; the flagged one stays in the state before it, which is the app's.
        receiveMessage(messages.at(-1), receive)
        return { kind: 'finished' }
      },
      async stream(request, receive) {
        const stream = await agentFor(request, receive).stream(
          { messages: messagesOf(request) },
          { streamMode: 'messages', signal: request.signal },
        )
        for await (const [message] of stream)
          if (!(message instanceof ToolMessage)) receiveMessage(message, receive)
        return { kind: 'finished' }
      },
      close: async () => {},
    }
  },
}
