import { Agent } from '@mastra/core/agent'
import { BatchPartsProcessor, ModerationProcessor } from '@mastra/core/processors'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import manifest from './package.json' with { type: 'json' }

const USAGE = { inputTokens: 1, outputTokens: 1, totalTokens: 2 }

/** The processor's model: it reads what it is asked to moderate, and answers in the processor's schema. */
function judgeModel(judge, checkTimeoutMs) {
  async function answer({ prompt, abortSignal }) {
    const asked = prompt
      .filter(({ role }) => role === 'user')
      .flatMap(({ content }) => content.map(({ text }) => text ?? ''))
      .join('\n')
    const [, text = asked] = /Content: "([\s\S]*)"/.exec(asked) ?? []
    const limit = AbortSignal.timeout(checkTimeoutMs)
    const signal = abortSignal ? AbortSignal.any([abortSignal, limit]) : limit
    const { flagged, score, rule, reason } = await judge.check(text, { signal })
    return JSON.stringify({
      category_scores: flagged ? [{ category: rule, score }] : [],
      reason: flagged ? reason : null,
    })
  }
  return {
    specificationVersion: 'v2',
    provider: 'kit',
    modelId: 'judge',
    supportedUrls: {},
    async doGenerate(options) {
      return {
        content: [{ type: 'text', text: await answer(options) }],
        finishReason: 'stop',
        usage: USAGE,
        warnings: [],
      }
    },
    async doStream(options) {
      const text = await answer(options)
      const parts = [
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: '0' },
        { type: 'text-delta', id: '0', delta: text },
        { type: 'text-end', id: '0' },
        { type: 'finish', finishReason: 'stop', usage: USAGE },
      ]
      return { stream: ReadableStream.from(parts) }
    },
  }
}

function messagesOf({ prompt, toolResult }) {
  const user = { role: 'user', content: prompt }
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

const note = createTool({
  id: 'note',
  description: 'Takes a note.',
  inputSchema: z.object({ text: z.string() }),
})

function optionsOf({ tools, json, signal }) {
  return {
    abortSignal: signal,
    modelSettings: { maxRetries: 0 },
    ...(tools ? { clientTools: { note } } : {}),
    ...(json ? { structuredOutput: { schema: z.object({ text: z.string() }) } } : {}),
  }
}

/** Chunks of the answer: what the docs show a client reading. */
function receiveChunk({ type, payload }, receive) {
  switch (type) {
    case 'text-delta':
      return receive({ kind: 'text', text: payload.text })
    case 'reasoning-delta':
      return receive({ kind: 'reasoning', text: payload.text })
    case 'tool-call-delta':
      return receive({ kind: 'toolCall', text: payload.argsTextDelta })
    case 'tool-call':
      return receive({ kind: 'event', text: JSON.stringify(payload.args) })
  }
}

/** Makes the target, with the stream moderated piece by piece, or in batches as the processor's page recommends. */
function targetOf({ name, how, chunkWindow, before }) {
  return {
    name,
    version: manifest.dependencies['@mastra/core'],
    how: `An agent with \`ModerationProcessor\` on input and output (\`strategy: block\`, \`errorStrategy: strict\`, ${how}), whose model is the check; agent.generate and agent.stream, read by \`fullStream\`; the reason in \`tripwire\`, a member of the result or a chunk of the stream, is counted as the app’s (docs: ModerationProcessor, Guardrails, "Abort and tripwire chunks")`,
    async open({ upstreamUrl, judge, checkTimeoutMs }) {
      const moderation = () =>
        new ModerationProcessor({
          model: judgeModel(judge, checkTimeoutMs),
          categories: ['kit-rule-5f1c'],
          strategy: 'block',
          errorStrategy: 'strict',
          chunkWindow,
        })
      const agent = new Agent({
        id: 'kit',
        name: 'kit',
        instructions: 'Answer.',
        model: { id: 'kit/kit', url: upstreamUrl, apiKey: 'kit' },
        inputProcessors: [moderation()],
        outputProcessors: [...before(), moderation()],
      })
      return {
        async generate(request, receive) {
          const { text, reasoningText, toolCalls, object, tripwire, error } = await agent.generate(
            messagesOf(request),
            optionsOf(request),
          )
          // As its docs say, `tripwire` stands for the answer; the reason in it is the app's, until that hands it on. So is the chunk.
          if (tripwire) return { kind: 'stopped' }
          receive({ kind: 'text', text: text ?? '' })
          if (reasoningText) receive({ kind: 'reasoning', text: reasoningText })
          for (const { payload } of toolCalls ?? [])
            receive({ kind: 'toolCall', text: JSON.stringify(payload.args) })
          if (object) receive({ kind: 'event', text: JSON.stringify(object) })
          return error ? { kind: 'failed', error } : { kind: 'finished' }
        },
        async stream(request, receive) {
          let ending = { kind: 'finished' }
          const { fullStream } = await agent.stream(messagesOf(request), optionsOf(request))
          for await (const chunk of fullStream) {
            receiveChunk(chunk, receive)
            if (chunk.type === 'tripwire') ending = { kind: 'stopped' }
            if (chunk.type === 'error') ending = { kind: 'failed', error: chunk.payload.error }
          }
          return ending
        },
        close: async () => {},
      }
    },
  }
}

/** @type {import('@parapet/conformance').Target} */
export const target = targetOf({
  name: '@mastra/core',
  how: '`chunkWindow: 20`, so that each piece is read with those before it',
  chunkWindow: 20,
  before: () => [],
})

/** @type {import('@parapet/conformance').Target} */
export const batched = targetOf({
  name: '@mastra/core (batched)',
  how: 'behind `BatchPartsProcessor` with `batchSize: 10`, `chunkWindow: 1`, both as the processor’s page recommends for output',
  chunkWindow: 1,
  before: () => [new BatchPartsProcessor({ batchSize: 10 })],
})
