import { describe, expect, it } from '@jest/globals'
import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import { createGuard, memoryQueue } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  type UpstreamPart,
  wordDetector,
} from '@parapet/sdk/testing'
import { generateText, NoObjectGeneratedError, Output, streamObject, streamText, wrapLanguageModel } from 'ai'
import { z } from 'zod'
import { scriptedModel } from './scripted-model.ts'

const { block, secret } = SCRIPTED_WORDS
const CANARY = 'canary-52'

function open(parts: readonly UpstreamPart[], policy: ScriptedPolicyOptions = {}) {
  const sink = recordingSink()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector(), ...policy }),
    queue: memoryQueue(),
    records: sink,
  })
  const { model: upstream, upstream: log } = scriptedModel({ parts })
  return { model: wrapLanguageModel({ model: upstream, middleware: guardMiddleware(guard) }), sink, log }
}

const json = (value: unknown): UpstreamPart[] => [{ kind: 'text', text: JSON.stringify(value) }]

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

/** Each kind of output, what a model gives for it, and what the caller may get. */
const OUTPUTS = [
  [
    'array',
    Output.array({ element: z.string() }),
    { elements: ['one', secret, 'two'] },
    ['one', '[cut]', 'two'],
  ],
  [
    'array of objects',
    Output.array({ element: z.object({ key: z.string() }) }),
    { elements: [{ key: secret }, { key: 'b' }] },
    [{ key: '[cut]' }, { key: 'b' }],
  ],
  ['choice', Output.choice({ options: ['sunny', 'rainy'] }), { result: 'rainy' }, 'rainy'],
  ['json', Output.json(), { any: [{ deep: `a ${secret}` }] }, { any: [{ deep: 'a [cut]' }] }],
  ['object', Output.object({ schema: z.object({ key: z.string() }) }), { key: secret }, { key: '[cut]' }],
] as const

describe.each(OUTPUTS)('Output.%s', (_, output, given, expected) => {
  it('is edited and still parses, streamed and not', async () => {
    const generated = await generateText({
      model: open(json(given)).model,
      prompt: 'hi',
      output: output as ReturnType<typeof Output.json>,
    })
    const streamed = streamText({
      model: open(json(given), { release: { windowCharacters: 40 } }).model,
      prompt: 'hi',
      output: output as ReturnType<typeof Output.json>,
    })
    const partials = await collect(streamed.partialOutputStream)

    expect(generated.output).toEqual(expected)
    expect(await streamed.output).toEqual(expected)
    expect(partials.at(-1)).toEqual(expected)
    expect(JSON.stringify([partials, generated.steps])).not.toContain('SECRET')
  })
})

it('gives the elements of an array as they were released', async () => {
  const { model } = open(json({ elements: ['one', secret] }))

  const streamed = streamText({ model, prompt: 'hi', output: Output.array({ element: z.string() }) })

  expect(await collect(streamed.elementStream)).toEqual(['one', '[cut]'])
})

it('makes no output of an answer that is blocked, and its error holds the message alone', async () => {
  const parts = json({ elements: [CANARY, block] })
  const output = Output.array({ element: z.string() })

  const generated = await generateText({ model: open(parts).model, prompt: 'hi', output }).then(
    (result) => result.output,
    (thrown: unknown) => thrown,
  )
  const streamed = streamText({ model: open(parts).model, prompt: 'hi', output, onError: () => undefined })
  const elements = await collect(streamed.elementStream).catch(() => [])
  const failure = await Promise.resolve(streamed.output).catch((thrown: unknown) => thrown)

  for (const error of [generated, failure]) {
    expect(NoObjectGeneratedError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ text: SCRIPTED_MESSAGE, finishReason: 'content-filter' })
    expect(JSON.stringify(error)).not.toContain(CANARY)
  }
  expect(JSON.stringify(elements)).not.toContain(CANARY)
})

it('streams objects of the older function as they were released', async () => {
  const { model } = open(json({ key: secret }))

  const streamed = streamObject({ model, prompt: 'hi', schema: z.object({ key: z.string() }) })
  const partials = await collect(streamed.partialObjectStream)

  expect(await streamed.object).toEqual({ key: '[cut]' })
  expect(JSON.stringify(partials)).not.toContain('SECRET')
})

it('gathers structured output no further than the policy’s limit', async () => {
  const { model, log } = open([{ kind: 'text', text: `["${'a'.repeat(20_000)}"]` }], {
    policy: { limits: { maxCharacters: 1_000 } },
  })

  const streamed = streamText({ model, prompt: 'hi', output: Output.json(), onError: () => undefined })
  await streamed.consumeStream()

  expect(await streamed.finishReason).toBe('content-filter')
  expect(log.delivered).toBeLessThan(200)
})

it('gives reasoning as it was released, and blocks an answer for it', async () => {
  const parts: UpstreamPart[] = [
    { kind: 'reasoning', text: `I know ${secret}.` },
    { kind: 'text', text: 'Done.' },
  ]
  const edited = await generateText({ model: open(parts).model, prompt: 'hi' })
  const blocked = await generateText({
    model: open([{ kind: 'reasoning', text: `${CANARY} ${block}` }, ...parts]).model,
    prompt: 'hi',
  })

  expect(edited.reasoningText).toBe('I know [cut].')
  expect(blocked).toMatchObject({ text: SCRIPTED_MESSAGE, finishReason: 'content-filter' })
  expect(JSON.stringify(blocked.steps)).not.toContain(CANARY)
})
