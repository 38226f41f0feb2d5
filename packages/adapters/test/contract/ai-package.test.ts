import { describe, expect, it } from '@jest/globals'
import { guardMiddleware, resumeAnswer } from '@parapet/adapters/ai-sdk'
import { createGuard, type Guard, isParapetError, memoryQueue } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  type UpstreamPart,
  type UpstreamScript,
  wordDetector,
} from '@parapet/sdk/testing'
import {
  generateObject,
  generateText,
  isStepCount,
  NoObjectGeneratedError,
  Output,
  streamText,
  ToolLoopAgent,
  tool,
  toUIMessageStream,
  type UIMessageChunk,
  wrapLanguageModel,
} from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { z } from 'zod'
import { scriptedModel, USAGE } from './scripted-model.ts'

const { block, secret, hold } = SCRIPTED_WORDS
const CANARY = 'canary-77'
const text = (content: string): UpstreamPart => ({ kind: 'text', text: content })

function open(script: UpstreamScript | readonly UpstreamPart[], policy: ScriptedPolicyOptions = {}) {
  const queue = memoryQueue()
  const sink = recordingSink()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector(), ...policy }),
    queue,
    records: sink,
  })
  const { model: upstream, upstream: log } = scriptedModel('parts' in script ? script : { parts: script })
  const model = wrapLanguageModel({ model: upstream, middleware: guardMiddleware(guard) })
  return { guard, queue, sink, upstream, log, model }
}

async function approve(queue: ReturnType<typeof memoryQueue>, id?: string) {
  const claim = await queue.claim({ reviewer: 'ada', ...(id === undefined ? {} : { id }) })
  await queue.decide({ id: claim?.item.id ?? '', token: claim?.token ?? '', outcome: 'approve' })
}

const send = (ran: unknown[]) =>
  tool({
    description: 'Sends a text.',
    inputSchema: z.object({ body: z.string() }),
    execute: async (input) => {
      ran.push(input)
      return `sent, ${secret}`
    },
  })

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

describe('generateText', () => {
  it('gives the edited answer, and the id of the decision', async () => {
    const { model, sink } = open([text(`The key is ${secret}.`)])

    const result = await generateText({ model, prompt: 'hi' })

    expect(result.text).toBe('The key is [cut].')
    expect(result.finishReason).toBe('stop')
    expect(result.providerMetadata).toEqual({ parapet: { decisionId: sink.decisions[1]?.decision.id } })
    expect(result.usage.outputTokens).toBe(10)
  })

  it('ends a blocked answer as a content filter does', async () => {
    const { model } = open([text(`${CANARY} ${block}`)])

    const result = await generateText({ model, prompt: 'hi' })

    expect(result).toMatchObject({
      text: SCRIPTED_MESSAGE,
      finishReason: 'content-filter',
      rawFinishReason: 'guardrail',
    })
    expect(
      JSON.stringify([result.content, result.response, result.providerMetadata, result.steps]),
    ).not.toContain(CANARY)
  })

  it('takes whom the call is for out of the provider’s options, and keeps it with what is stored', async () => {
    const { model, upstream, queue } = open([text('x')], {
      review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
    })
    const parapet = { tenant: 'acme', subjectKey: 'p1', requestId: 'r1', locale: 'de' }

    await generateText({ model, prompt: 'hi', providerOptions: { parapet, mock: { a: 1 } } })
    await generateText({ model, prompt: hold, providerOptions: { parapet } })

    expect(upstream.doGenerateCalls[0]?.providerOptions).toEqual({ mock: { a: 1 } })
    expect((await queue.list({ tenant: 'acme' })).items).toMatchObject([{ tenant: 'acme', subjectKey: 'p1' }])
  })

  it('refuses options of its own that it does not know, without repeating them', async () => {
    const { model } = open([text('x')])

    const error = await generateText({
      model,
      prompt: 'hi',
      maxRetries: 0,
      providerOptions: { parapet: { [CANARY]: CANARY, tenant: 5 } },
    }).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'PARAPET_ADAPTER_CONTEXT_INVALID' })
    expect(String(error)).not.toContain(CANARY)
  })

  it('runs no tool whose call was blocked, or stands in an answer that was', async () => {
    const ran: unknown[] = []
    const call = (body: string): UpstreamPart => ({
      kind: 'toolCall',
      id: 'c1',
      name: 'send',
      input: JSON.stringify({ body }),
    })
    const blocked = open([call(block)])
    const later = open([call('fine'), text(block)], { release: { windowCharacters: 40 } })

    for (const { model } of [blocked, later]) {
      const generated = await generateText({ model, prompt: 'hi', tools: { send: send(ran) } })
      expect(generated.finishReason).toBe('content-filter')
      const streamed = streamText({ model, prompt: 'hi', tools: { send: send(ran) } })
      await streamed.consumeStream()
      expect(await streamed.finishReason).toBe('content-filter')
    }
    expect(ran).toEqual([])
  })

  it('retries what the provider says can be retried', async () => {
    const { APICallError } = await import('@ai-sdk/provider')
    let calls = 0
    const { guard } = open([])
    const upstream = new MockLanguageModelV4({
      doGenerate: async () => {
        if (++calls === 1)
          throw new APICallError({
            message: 'busy',
            url: 'https://example.com',
            requestBodyValues: {},
            statusCode: 503,
            responseHeaders: { 'retry-after-ms': '1' },
          })
        return {
          content: [{ type: 'text', text: 'ok' }],
          finishReason: { unified: 'stop', raw: 'stop' },
          usage: USAGE,
          warnings: [],
        }
      },
    })
    const model = wrapLanguageModel({ model: upstream, middleware: guardMiddleware(guard) })

    const result = await generateText({ model, prompt: 'hi', maxRetries: 1 })

    expect([result.text, calls]).toEqual(['ok', 2])
  })
})

describe('held answers', () => {
  it('give the ticket to the server, and resume as content', async () => {
    const call: UpstreamPart = { kind: 'toolCall', id: 'c1', name: 'send', input: `{"body":"${hold}"}` }
    const source: UpstreamPart = { kind: 'source', url: 'https://example.com', title: `On ${secret}` }
    const { model, queue, guard } = open([text(`Look: ${secret}`), source, call], {
      review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
    })

    const result = await generateText({ model, prompt: 'hi', tools: { send: send([]) } })
    const { ticket = '' } = (result.providerMetadata?.['parapet'] ?? {}) as { ticket?: string }
    await approve(queue, ticket)
    const resumed = await guard.resume(ticket)

    expect(result.text).toBe(SCRIPTED_MESSAGE)
    expect(resumed.kind === 'answer' && resumeAnswer(resumed)).toEqual({
      content: [
        { type: 'text', text: 'Look: [cut]' },
        { type: 'source', sourceType: 'url', id: 's1', url: 'https://example.com', title: 'On [cut]' },
        { type: 'tool-call', toolCallId: 'c1', toolName: 'send', input: `{"body":"${hold}"}` },
      ],
      finishReason: { unified: 'tool-calls', raw: undefined },
      text: 'Look: [cut]',
      missing: [],
    })
  })

  it('are not taken for this adapter’s when another stored them', () => {
    const answer = { parts: [{ stage: 'toolCall', toolName: 't', text: '{}', json: true }] } as const

    expect(() => resumeAnswer({ answer })).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_ANSWER_FOREIGN' }),
    )
  })
})

describe('streamText', () => {
  it('streams what is judged and ends with the message', async () => {
    const { model } = open([text(`${'a'.repeat(100)} ${block} ${CANARY}`)], {
      release: { windowCharacters: 40 },
    })

    const result = streamText({ model, prompt: 'hi' })
    const pieces = await collect(result.textStream)

    expect(pieces.length).toBeGreaterThan(2)
    expect(pieces.join('')).toBe(`${'a'.repeat(80)}${SCRIPTED_MESSAGE}`)
    expect(await result.finishReason).toBe('content-filter')
  })

  it('gives an error of ours to onError, without the provider’s words, and the provider’s own to a hook', async () => {
    const { guard } = open([])
    const { model: upstream } = scriptedModel({ parts: [text(CANARY)], end: 'error' })
    const keptBack: unknown[] = []
    const onProviderError = (error: unknown) => void keptBack.push(error)
    const model = wrapLanguageModel({
      model: upstream,
      middleware: guardMiddleware(guard, { onProviderError }),
    })
    const errors: unknown[] = []

    const result = streamText({ model, prompt: 'hi', onError: ({ error }) => void errors.push(error) })
    await result.consumeStream()

    expect(errors).toMatchObject([{ code: 'PARAPET_ADAPTER_PROVIDER_FAILED' }])
    expect(String(errors[0])).not.toContain(CANARY)
    expect(String(keptBack[0])).toContain(CANARY)
  })

  it('stops, and is recorded, when the caller aborts', async () => {
    const { model, sink, log } = open(
      { parts: [text('a'.repeat(200))], end: 'stall' },
      {
        release: { windowCharacters: 40 },
      },
    )
    const controller = new AbortController()
    let aborted = 0

    const result = streamText({
      model,
      prompt: 'hi',
      abortSignal: controller.signal,
      onAbort: () => void aborted++,
      onError: () => undefined,
    })
    for await (const piece of result.textStream) if (piece) setTimeout(() => controller.abort(), 5)

    expect(aborted).toBe(1)
    expect(log.aborted).toBe(true)
    expect(sink.decisions.at(-1)).toMatchObject({ complete: false })
  })
})

describe('structured output', () => {
  const schema = z.object({ name: z.string(), key: z.string() })

  it('is edited and still parses', async () => {
    const parts = [text(`{"name":"ada","key":"${secret}"}`)]

    const object = await generateObject({ model: open(parts).model, prompt: 'hi', schema })
    const generated = await generateText({
      model: open(parts).model,
      prompt: 'hi',
      output: Output.object({ schema }),
    })
    const streamed = streamText({ model: open(parts).model, prompt: 'hi', output: Output.object({ schema }) })
    const partials = await collect(streamed.partialOutputStream)

    const expected = { name: 'ada', key: '[cut]' }
    expect(object.object).toEqual(expected)
    expect(generated.output).toEqual(expected)
    expect(partials.at(-1)).toEqual(expected)
    expect(await streamed.output).toEqual(expected)
    expect(JSON.stringify(partials)).not.toContain('SECRET')
  })

  it('that is blocked is no object, and the error holds the message alone', async () => {
    const { model } = open([text(`{"name":"${block}","key":"${CANARY}"}`)])

    const error = await generateObject({ model, prompt: 'hi', schema }).catch((thrown: unknown) => thrown)

    expect(NoObjectGeneratedError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ text: SCRIPTED_MESSAGE, finishReason: 'content-filter' })
    expect(JSON.stringify(error)).not.toContain(CANARY)
  })
})

/** A model that calls the tool first, and then repeats what it read. */
function loopingModel(guard: Guard, prompts: string[]) {
  return wrapLanguageModel({
    middleware: guardMiddleware(guard),
    model: new MockLanguageModelV4({
      doGenerate: async ({ prompt }) => {
        prompts.push(JSON.stringify(prompt))
        const first = prompt.at(-1)?.role === 'user'
        return {
          content: first
            ? [{ type: 'tool-call', toolCallId: 'c1', toolName: 'send', input: `{"body":"to ${secret}"}` }]
            : [{ type: 'text', text: 'It is sent.' }],
          finishReason: { unified: first ? 'tool-calls' : 'stop', raw: undefined },
          usage: USAGE,
          warnings: [],
        }
      },
    }),
  })
}

describe('ToolLoopAgent', () => {
  it('has tool arguments and results judged, step by step', async () => {
    const ran: unknown[] = []
    const prompts: string[] = []
    const { guard, sink } = open([])
    const agent = new ToolLoopAgent({
      model: loopingModel(guard, prompts),
      tools: { send: send(ran) },
      stopWhen: isStepCount(5),
    })

    const result = await agent.generate({ prompt: 'Send it.' })

    expect(result.text).toBe('It is sent.')
    expect(ran).toEqual([{ body: 'to [cut]' }])
    expect(prompts[1]).toContain('sent, [cut]')
    expect(prompts.join('')).not.toContain(secret)
    expect(prompts[1]).not.toContain('parapet')
    expect(sink.decisions).toHaveLength(4)
  })

  it('opens a review for each step of one request', async () => {
    const { guard, queue } = open([], { review: { mode: 'hold', withinMs: 60_000, otherwise: 'block' } })
    const model = loopingModel(guard, [])
    const agent = new ToolLoopAgent({
      model,
      tools: {
        send: tool({ inputSchema: z.object({ body: z.string() }), execute: async () => hold }),
      },
      providerOptions: { parapet: { requestId: 'r1' } },
    })

    const answering = agent.generate({ prompt: hold })
    for (let approved = 0; approved < 2; ) {
      if ((await queue.count()).open > 0) {
        await approve(queue)
        approved++
      } else await new Promise((resolve) => setTimeout(resolve, 2))
    }

    expect((await answering).text).toBe('It is sent.')
    expect((await queue.count()).approved).toBe(2)
  })
})

describe('a UI message stream', () => {
  const chunksOf = (model: ReturnType<typeof open>['model']): Promise<UIMessageChunk[]> =>
    collect(
      toUIMessageStream({
        stream: streamText({ model, prompt: 'hi', onError: () => undefined }).stream,
        sendReasoning: true,
        sendSources: true,
      }),
    )

  it('gives the browser the message and the decision’s id, and no ticket', async () => {
    const { model, queue, sink } = open([text(`${CANARY} ${hold}`)], {
      review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
    })

    const chunks = await chunksOf(model)

    const [item] = (await queue.list()).items
    const visible = JSON.stringify(chunks)
    expect(visible).toContain(SCRIPTED_MESSAGE)
    expect(visible).toContain(sink.decisions.at(-1)?.decision.id ?? 'none')
    for (const inside of [item?.id ?? 'none', CANARY, 'words', 'threshold', 'hold'])
      expect(visible).not.toContain(inside)
  })

  it('gives the browser reasoning, tools and sources as they were released', async () => {
    const { model } = open([
      { kind: 'reasoning', text: `I know ${secret}.` },
      { kind: 'toolCall', id: 'c1', name: 'look', input: `{"q":"${secret}"}` },
      { kind: 'toolResult', id: 'c1', name: 'look', result: `"${secret}"` },
      { kind: 'source', url: 'https://example.com', title: secret },
      text('Done.'),
    ])

    const chunks = await chunksOf(model)

    const visible = JSON.stringify(chunks)
    expect(visible).not.toContain('SECRET')
    expect(visible.split('[cut]').length - 1).toBeGreaterThanOrEqual(4)
    expect(chunks.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['reasoning-delta', 'source-url', 'text-delta']),
    )
  })
})

it('names no error of ours after the text that caused it', async () => {
  const { model } = open([{ kind: 'unknown', text: CANARY }])

  const error = await generateText({ model, prompt: 'hi', maxRetries: 0 }).catch((thrown: unknown) => thrown)

  expect(isParapetError(error) && error.code).toBe('PARAPET_ADAPTER_PART_UNKNOWN')
  expect(String(error)).not.toContain(CANARY)
})
