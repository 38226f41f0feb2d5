import { defaultSpecRegistry, GuardrailsOpenAI, GuardrailTripwireTriggered } from '@openai/guardrails'
import { chatMessages, NOTE_TOOL } from './chat-request.mjs'
import manifest from './package.json' with { type: 'json' }

const BUNDLE = { version: 1, guardrails: [{ name: 'Kit Check', config: {} }] }

/** A check of one's own is a `CheckFn` in the registry (docs: "Types: TypeScript", CheckFn). */
function register(judge) {
  defaultSpecRegistry.register(
    'Kit Check',
    async (_context, text) => {
      const { flagged, ...info } = await judge.check(text)
      return { tripwireTriggered: flagged, info: { checked_text: text, ...info } }
    },
    'The check of the conformance kit',
  )
}

/** What the guard adds for the app (`guardrail_results`) is not the end user's, and left out. */
function receiveChoices({ guardrail_results: _results, ...body }, receive) {
  receive({ kind: 'event', text: JSON.stringify(body) })
  for (const { index: choice = 0, delta, message } of body.choices ?? []) {
    const { content, reasoning_content: reasoning, tool_calls: calls } = delta ?? message ?? {}
    if (content) receive({ kind: 'text', choice, text: content })
    if (reasoning) receive({ kind: 'reasoning', choice, text: reasoning })
    for (const { function: called } of calls ?? [])
      if (called?.arguments) receive({ kind: 'toolCall', choice, text: called.arguments })
  }
}

/** @type {import('@parapet/conformance').Target} */
export const target = {
  name: '@openai/guardrails',
  version: manifest.dependencies['@openai/guardrails'],
  how: 'GuardrailsOpenAI.create with the check in the stages `pre_flight` (which runs before the model, where `input` runs beside it) and `output`, in fail-secure mode (`raiseGuardrailErrors: true`); chat.completions.create, and for streams `stream: true`, which its docs call "fast but less safe" (docs: Quickstart, Streaming vs Blocking)',
  async open({ upstreamUrl, judge, checkTimeoutMs: _timeout }) {
    register(judge)
    const client = await GuardrailsOpenAI.create(
      { version: 1, pre_flight: BUNDLE, output: BUNDLE },
      { baseURL: upstreamUrl, apiKey: 'kit', maxRetries: 0 },
      true,
    )
    const ask = (request, stream) => {
      const { tools, json, choices = 1 } = request
      return client.chat.completions.create({
        model: 'kit',
        messages: chatMessages(request),
        stream,
        ...(tools ? { tools: [NOTE_TOOL] } : {}),
        ...(json ? { response_format: { type: 'json_object' } } : {}),
        ...(choices > 1 ? { n: choices } : {}),
      })
    }
    const ending = (error) => {
      if (error instanceof GuardrailTripwireTriggered) return { kind: 'stopped' }
      return { kind: 'failed', error }
    }
    return {
      generate: (request, receive) =>
        ask(request, false).then((body) => {
          receiveChoices(body, receive)
          return { kind: 'finished' }
        }, ending),
      async stream(request, receive) {
        try {
          for await (const chunk of await ask(request, true)) receiveChoices(chunk, receive)
          return { kind: 'finished' }
        } catch (error) {
          return ending(error)
        }
      },
      close: async () => {},
    }
  },
}
