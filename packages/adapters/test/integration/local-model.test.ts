import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import { localModel } from '@parapet/adapters/local'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { recordingSink, scriptedPolicy } from '@parapet/sdk/testing'
import { generateText, streamText, wrapLanguageModel } from 'ai'

/** The chat model of the weights package, in a host of its own. */
describe('the sentinel as a language model', () => {
  const local = localModel({ model: '@parapet/model-sentinel' })
  beforeAll(() => local.warm(), 60_000)
  afterAll(() => local.close())

  it('answers the same streamed and unstreamed, and the same each time', async () => {
    const call = { model: local, prompt: 'What is the capital of France?', maxOutputTokens: 24 }

    const once = await generateText(call)
    const again = await generateText(call)
    const streamed = streamText(call)
    const pieces: string[] = []
    for await (const piece of streamed.textStream) pieces.push(piece)

    expect(once.text).toMatch(/\p{Letter}{3}/u)
    expect(again.text).toBe(once.text)
    expect(pieces.join('')).toBe(once.text)
    expect(pieces.length).toBeGreaterThan(2)
    expect(once.usage.outputTokens).toBeLessThanOrEqual(24)
    expect(await streamed.usage).toMatchObject({ inputTokens: once.usage.inputTokens })
  })

  it('stops at a stop text, and at the cap on tokens', async () => {
    const call = { model: local, prompt: 'Count: one, two, three, four, five, six.' }

    const capped = await generateText({ ...call, maxOutputTokens: 3 })
    const stopped = await generateText({
      ...call,
      maxOutputTokens: 40,
      stopSequences: [capped.text.slice(-3)],
    })

    expect(capped.finishReason).toBe('length')
    expect(capped.usage.outputTokens).toBe(3)
    expect(stopped.finishReason).toBe('stop')
    expect(stopped.text).not.toContain(capped.text.slice(-3))
  })

  it('ends in mid-answer when the caller aborts', async () => {
    const controller = new AbortController()
    const result = streamText({
      model: local,
      prompt: 'Write a long story about a garden.',
      maxOutputTokens: 400,
      abortSignal: controller.signal,
      onError: () => undefined,
    })
    const pieces: string[] = []
    for await (const piece of result.textStream) {
      pieces.push(piece)
      controller.abort()
    }

    expect(pieces.length).toBeLessThan(100)
  })

  it('is guarded like any other model', async () => {
    const sink = recordingSink()
    const guard = createGuard({
      policy: scriptedPolicy({ release: { windowCharacters: 40 } }),
      records: sink,
      queue: memoryQueue(),
    })
    const model = wrapLanguageModel({ model: local, middleware: guardMiddleware(guard) })

    const { text } = await generateText({
      model,
      prompt: 'What is the capital of France?',
      maxOutputTokens: 24,
    })
    const streamed = streamText({ model, prompt: 'What is the capital of France?', maxOutputTokens: 24 })

    expect(await streamed.text).toBe(text)
    expect(sink.decisions).toHaveLength(4)
  })
})
