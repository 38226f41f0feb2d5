import { MockLanguageModelV4, simulateReadableStream } from 'ai/test'

type Model = MockLanguageModelV4
type Stream = Awaited<ReturnType<Model['doStream']>>['stream']
type Part = Stream extends ReadableStream<infer StreamPart> ? StreamPart : never

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
}

/** A model that answers offline by a function of the last text: `openai('…')` stands in its place. */
export function offlineModel(answer: (question: string) => string): Model {
  return new MockLanguageModelV4({
    modelId: 'offline',
    doStream: async ({ prompt }) => {
      const last = prompt.at(-1)
      const texts = Array.isArray(last?.content) ? last.content : []
      const question = texts.map((part) => (part.type === 'text' ? part.text : '')).join('')
      const pieces = answer(question).match(/.{1,12}/gs) ?? []
      const chunks: Part[] = [
        { type: 'stream-start', warnings: [] },
        { type: 'text-start', id: '0' },
        ...pieces.map((delta): Part => ({ type: 'text-delta', id: '0', delta })),
        { type: 'text-end', id: '0' },
        { type: 'finish', usage, finishReason: { unified: 'stop', raw: 'stop' } },
      ]
      return { stream: simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null }) }
    },
  })
}
