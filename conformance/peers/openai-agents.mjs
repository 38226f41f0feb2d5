import {
  Agent,
  InputGuardrailTripwireTriggered,
  OpenAIChatCompletionsModel,
  OutputGuardrailTripwireTriggered,
  run,
  setTracingDisabled,
  ToolGuardrailFunctionOutputFactory,
  ToolInputGuardrailTripwireTriggered,
  tool,
} from '@openai/agents'
import OpenAI from 'openai'
import { z } from 'zod'
import manifest from './package.json' with { type: 'json' }

setTracingDisabled(true)

const TRIPWIRES = [
  InputGuardrailTripwireTriggered,
  OutputGuardrailTripwireTriggered,
  ToolInputGuardrailTripwireTriggered,
]

const asText = (value) => (typeof value === 'string' ? value : JSON.stringify(value))

function inputOf({ prompt, toolResult }) {
  if (toolResult === undefined) return prompt
  const named = { callId: 'call_kit0', name: 'note', status: 'completed' }
  return [
    { role: 'user', content: prompt },
    { type: 'function_call', ...named, arguments: '{"text":"x"}' },
    { type: 'function_call_result', ...named, output: { type: 'text', text: toolResult } },
  ]
}

/** A tool of the app, whose arguments a guardrail of its own checks: what it is called with has reached the app. */
function noteTool(judge, receive) {
  return tool({
    name: 'note',
    description: 'Takes a note.',
    parameters: z.object({ text: z.string() }),
    execute: async (input) => {
      receive({ kind: 'toolCall', text: JSON.stringify(input) })
      return 'noted'
    },
    inputGuardrails: [
      {
        name: 'kit-check',
        run: async ({ toolCall }) => {
          const { flagged, ...info } = await judge.check(toolCall.arguments)
          return flagged
            ? ToolGuardrailFunctionOutputFactory.throwException(info)
            : ToolGuardrailFunctionOutputFactory.allow()
        },
      },
    ],
  })
}

function receiveReasoning(items, receive) {
  for (const { type, rawItem } of items)
    if (type === 'reasoning_item')
      for (const { text } of [...(rawItem.content ?? []), ...(rawItem.rawContent ?? [])])
        receive({ kind: 'reasoning', text })
}

function endingOf(error) {
  const stopped = TRIPWIRES.some((tripwire) => error instanceof tripwire)
  return stopped ? { kind: 'stopped' } : { kind: 'failed', error }
}

/** @type {import('@parapet/conformance').Target} */
export const target = {
  name: '@openai/agents',
  version: manifest.dependencies['@openai/agents'],
  how: 'An agent with the check as input guardrail (`runInParallel: false`, which holds the model back), output guardrail and input guardrail of its tool; run(), and run() with `stream: true` read by `output_text_delta`; reasoning by the run items (docs: Guardrails, Streaming)',
  async open({ upstreamUrl, judge }) {
    const client = new OpenAI({ baseURL: upstreamUrl, apiKey: 'kit', maxRetries: 0 })
    const check = async (text) => {
      const { flagged, ...outputInfo } = await judge.check(text)
      return { tripwireTriggered: flagged, outputInfo }
    }
    const agentFor = ({ tools, json }, receive) =>
      new Agent({
        name: 'kit',
        instructions: 'Answer.',
        model: new OpenAIChatCompletionsModel(client, 'kit'),
        tools: tools ? [noteTool(judge, receive)] : [],
        ...(json ? { outputType: z.object({ text: z.string() }) } : {}),
        inputGuardrails: [
          { name: 'kit-check', runInParallel: false, execute: ({ input }) => check(asText(input)) },
        ],
        outputGuardrails: [{ name: 'kit-check', execute: ({ agentOutput }) => check(asText(agentOutput)) }],
      })
    return {
      async generate(request, receive) {
        try {
          const { signal } = request
          const { finalOutput, newItems } = await run(agentFor(request, receive), inputOf(request), {
            signal,
          })
          receiveReasoning(newItems, receive)
          receive({ kind: 'text', text: asText(finalOutput ?? '') })
          return { kind: 'finished' }
        } catch (error) {
          return endingOf(error)
        }
      },
      async stream(request, receive) {
        try {
          const { signal } = request
          const result = await run(agentFor(request, receive), inputOf(request), { stream: true, signal })
          for await (const { type, data, item } of result)
            if (type === 'raw_model_stream_event' && data.type === 'output_text_delta')
              receive({ kind: 'text', text: data.delta })
            else if (type === 'run_item_stream_event') receiveReasoning([item], receive)
          await result.completed
          return { kind: 'finished' }
        } catch (error) {
          return endingOf(error)
        }
      },
      close: async () => {},
    }
  },
}
