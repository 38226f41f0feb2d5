import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import manifest from './package.json' with { type: 'json' }

// 1.12.0 starts a worker at a path of the machine that it was built on as it is imported, and the process would end.
process.on('uncaughtException', ({ message }) => {
  if (!message.includes('/hai-guardrails/node_modules/piscina/')) throw new Error(message)
})

const NOTE_TOOL = {
  type: 'function',
  function: {
    name: 'note',
    description: 'Takes a note.',
    parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  },
}

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
  for (const { args } of message.tool_call_chunks ?? message.tool_calls ?? [])
    receive({ kind: 'toolCall', text: typeof args === 'string' ? args : JSON.stringify(args) })
}

/** @type {import('@parapet/conformance').Target} */
export const target = {
  name: '@presidio-dev/hai-guardrails',
  version: manifest.dependencies['@presidio-dev/hai-guardrails'],
  how: 'LangChainChatGuardrails around a ChatOpenAI, with an engine of one guard, made by makeGuard with the check, on all messages; invoke and stream. It wraps `invoke` alone, reads requests alone, and acts on what guards rewrite, not on what they do not pass (README: "With LangChain"; docs/integration/guardrails-engine.md)',
  async open({ upstreamUrl, judge }) {
    const { GuardrailsEngine, LangChainChatGuardrails, makeGuard, SelectionType } = await import(
      '@presidio-dev/hai-guardrails'
    )
    const guard = makeGuard({
      id: 'kit-check',
      name: 'Kit Check',
      selection: SelectionType.All,
      implementation: async (text, { originalMessage, messageHash, inScope }, { id, name }, index) => {
        const { flagged, reason } = await judge.check(text)
        const of = { guardId: id, guardName: name, message: originalMessage, index, messageHash, inScope }
        return { passed: !flagged, reason, ...of }
      },
    })
    const modelFor = ({ tools, json }) => {
      const model = new ChatOpenAI({
        model: 'gpt-4o',
        apiKey: 'kit',
        maxRetries: 0,
        configuration: { baseURL: upstreamUrl },
        modelKwargs: {
          ...(json ? { response_format: { type: 'json_object' } } : {}),
          ...(tools ? { tools: [NOTE_TOOL] } : {}),
        },
      })
      return LangChainChatGuardrails(model, new GuardrailsEngine({ guards: [guard], logLevel: 'silent' }))
    }
    return {
      async generate(request, receive) {
        const { signal } = request
        receiveMessage(await modelFor(request).invoke(messagesOf(request), { signal }), receive)
        return { kind: 'finished' }
      },
      async stream(request, receive) {
        const { signal } = request
        for await (const chunk of await modelFor(request).stream(messagesOf(request), { signal }))
          receiveMessage(chunk, receive)
        return { kind: 'finished' }
      },
      close: async () => {},
    }
  },
}
