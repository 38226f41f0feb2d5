import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { afterAll, describe, expect, it } from '@jest/globals'
import {
  type DecoderModel,
  type Finished,
  type GenerateRequest,
  type ModelHost,
  RuntimeError,
  type TextDelta,
} from '@parapet/runtime'
import { localModel } from './local-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'parapet-local-'))
writeFileSync(
  join(folder, 'manifest.json'),
  JSON.stringify({
    schema: 'parapet.model/1',
    kind: 'decoder',
    id: 'tiny',
    version: '1',
    licence: 'Apache-2.0',
    files: {},
    chat: { eosTokenIds: [0] },
    layers: 1,
    hidden: 1,
    vocabulary: 1,
    kvHeads: 1,
    headSize: 1,
    contextTokens: 64,
  }),
)
afterAll(() => rmSync(folder, { recursive: true }))

/** A host whose model writes these words, and then ends or fails. */
function scriptedHost(words: readonly string[], end: Finished['reason'] | Error = 'end') {
  const requests: GenerateRequest[] = []
  let closed = 0
  let left = 0
  const generate = (request: GenerateRequest) => {
    requests.push(request)
    const settled = async (): Promise<Finished> => {
      if (end instanceof Error) throw end
      return { reason: end, text: words.join(''), promptTokens: 7, reusedTokens: 0, newTokens: words.length }
    }
    const finished = settled()
    finished.catch(() => undefined)
    return {
      finished,
      async *[Symbol.asyncIterator](): AsyncGenerator<TextDelta> {
        for (const [tokenId, text] of words.entries()) {
          if (request.signal?.aborted) {
            left++
            throw new RuntimeError('PARAPET_RUNTIME_ABORTED', 'Taken back.')
          }
          yield { text, tokenId }
        }
        await finished
      },
    }
  }
  const host: ModelHost = {
    decoder: () => ({ generate, warm: async () => undefined }) as unknown as DecoderModel,
    encoder: () => {
      throw new Error('no encoder here')
    },
    status: () => ({ state: 'ready', queued: 0, running: 0, replaced: 0, pid: 1, residentBytes: 1 }),
    close: async () => void closed++,
  }
  return {
    host,
    requests,
    get closed() {
      return closed
    },
    get left() {
      return left
    },
  }
}

const user = (text: string): LanguageModelV4CallOptions => ({
  prompt: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text },
        { type: 'file', mediaType: 'text/plain', data: { type: 'text', text: 'a note' } },
      ],
    },
  ],
})
const collect = async (stream: ReadableStream<LanguageModelV4StreamPart>) => {
  const parts: LanguageModelV4StreamPart[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

describe('localModel', () => {
  it('answers with the model’s text, tokens and reason, greedy when it is told nothing', async () => {
    const { host, requests } = scriptedHost(['Good', ' day', '.'])
    const model = localModel({ model: folder, host })

    const result = await model.doGenerate(user('Hello'))

    expect(result).toMatchObject({
      content: [{ type: 'text', text: 'Good day.' }],
      finishReason: { unified: 'stop', raw: 'end' },
      usage: { inputTokens: { total: 7 }, outputTokens: { total: 3, text: 3 } },
      warnings: [],
    })
    expect(requests[0]).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello\na note' },
      ],
      maxNewTokens: 256,
      temperature: 0,
    })
    expect(model.modelId).toBe(basename(folder))
  })

  it('streams the same answer as one block of text', async () => {
    const { host } = scriptedHost(['Good', '', ' day'], 'max-tokens')
    const { stream } = await localModel({ model: folder, host }).doStream(user('Hello'))

    expect((await collect(stream)).map((part) => ('delta' in part ? part.delta : part.type))).toEqual([
      'stream-start',
      'response-metadata',
      'text-start',
      'Good',
      ' day',
      'text-end',
      'finish',
    ])
  })

  it.each([
    ['end', 'stop'],
    ['stop-text', 'stop'],
    ['max-tokens', 'length'],
  ] as const)('ends after "%s" as "%s"', async (reason, unified) => {
    const { host } = scriptedHost(['x'], reason)

    const { finishReason } = await localModel({ model: folder, host }).doGenerate(user('Hello'))

    expect(finishReason).toEqual({ unified, raw: reason })
  })

  it('hands on the settings that the runtime has, and warns of those that it has not', async () => {
    const { host, requests } = scriptedHost(['x'])
    const { warnings } = await localModel({ model: folder, host, maxOutputTokens: 9 }).doGenerate({
      ...user('Hello'),
      temperature: 0.5,
      topP: 0.9,
      seed: 3,
      stopSequences: ['END'],
      topK: 5,
      presencePenalty: 1,
      frequencyPenalty: 1,
      reasoning: 'high',
      responseFormat: { type: 'json' },
      tools: [{ type: 'function', name: 't', inputSchema: {} }],
    })

    expect(requests[0]).toMatchObject({
      maxNewTokens: 9,
      temperature: 0.5,
      topP: 0.9,
      seed: 3,
      stop: ['END'],
    })
    expect(warnings.map((warning) => warning.type === 'unsupported' && warning.feature)).toEqual([
      'topK',
      'presencePenalty',
      'frequencyPenalty',
      'responseFormat',
      'tools',
      'reasoning',
    ])
  })

  it.each<[string, Partial<LanguageModelV4CallOptions>]>([
    ['a required tool', { toolChoice: { type: 'required' } }],
    [
      'an image',
      {
        prompt: [
          {
            role: 'user',
            content: [{ type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'AAAA' } }],
          },
        ],
      },
    ],
    [
      'a tool call',
      {
        prompt: [
          {
            role: 'assistant',
            content: [{ type: 'tool-call', toolCallId: 'c', toolName: 't', input: 'canary' }],
          },
        ],
      },
    ],
  ])('refuses %s, and says what to do', async (_, call) => {
    const { host, requests } = scriptedHost(['x'])

    const answering = localModel({ model: folder, host }).doGenerate({ ...user('Hello'), ...call })

    await expect(answering).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_UNSUPPORTED',
      message: expect.not.stringContaining('canary'),
    })
    expect(requests).toEqual([])
  })

  it('gives a failure of the host on, typed', async () => {
    const fault = new RuntimeError('PARAPET_RUNTIME_HOST_CRASHED', 'gone', { retryable: true })
    const { host } = scriptedHost(['x'], fault)
    const model = localModel({ model: folder, host })

    const { stream } = await model.doStream(user('Hello'))

    await expect(model.doGenerate(user('Hello'))).rejects.toBe(fault)
    expect((await collect(stream)).at(-1)).toEqual({ type: 'error', error: fault })
  })

  it('stops the host when the caller cancels, and errors with the reason when it aborts', async () => {
    const scripted = scriptedHost(Array.from({ length: 50 }, () => 'x'))
    const model = localModel({ model: folder, host: scripted.host })
    const cancelled = await model.doStream(user('Hello'))
    const reader = cancelled.stream.getReader()
    await reader.read()
    await reader.cancel()

    expect(scripted.requests[0]?.signal?.aborted).toBe(true)

    const controller = new AbortController()
    const { stream } = await model.doStream({ ...user('Hello'), abortSignal: controller.signal })
    const reading = collect(stream)
    controller.abort(new Error('enough'))

    await expect(reading).rejects.toThrow('enough')
    expect(scripted.left).toBe(1)
  })

  it('adds its direction, as strongly as the call says', async () => {
    const { host, requests } = scriptedHost(['x'])
    const direction = { vector: Float32Array.of(1), block: 0 }
    let loaded = 0
    const model = localModel({
      model: folder,
      host,
      direction: async () => {
        loaded++
        return direction
      },
    })

    await model.doGenerate(user('Hello'))
    expect(loaded).toBe(0)
    await model.doGenerate({
      ...user('Hello'),
      providerOptions: { parapetLocal: { steer: { strength: 1.5 } } },
    })

    expect(model.steerable).toBe(true)
    expect(requests.map(({ intervention }) => intervention)).toEqual([
      undefined,
      { add: { ...direction, strength: 1.5 } },
    ])
  })

  it('gives no unsteered answer in place of one that was to be steered', async () => {
    const { host, requests } = scriptedHost(['x'])
    const model = localModel({ model: folder, host })

    expect(model.steerable).toBe(false)
    await expect(
      model.doGenerate({ ...user('Hello'), providerOptions: { parapetLocal: { steer: { strength: 1 } } } }),
    ).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_UNSUPPORTED' })
    expect(requests).toEqual([])
  })

  it.each([
    { steer: { strength: 0 } },
    { steer: { strength: -1 } },
    { steer: { strength: 99 } },
    { stear: {} },
  ])('refuses a wrong steering: %j', async (parapetLocal) => {
    const { host } = scriptedHost(['x'])
    const model = localModel({ model: folder, host, direction: { vector: Float32Array.of(1), block: 0 } })

    await expect(
      model.doGenerate({ ...user('Hello'), providerOptions: { parapetLocal } }),
    ).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_CONTEXT_INVALID' })
  })

  it('closes a host of its own and leaves one that it was given', async () => {
    const scripted = scriptedHost(['x'])
    const model = localModel({ model: folder, host: scripted.host })
    await model.warm()
    await model.close()

    expect(scripted.closed).toBe(0)
  })

  it('says which package is missing, and does not remember it', async () => {
    const model = localModel({ model: '@parapet/model-of-nobody' })

    for (let attempt = 0; attempt < 2; attempt++)
      await expect(model.doGenerate(user('Hello'))).rejects.toMatchObject({
        code: 'PARAPET_MODEL_NOT_INSTALLED',
        message: expect.stringContaining('npm install @parapet/model-of-nobody'),
      })
  })

  it.each([
    [{ model: '' }],
    [{ model: folder, maxOutputTokens: 0 }],
    [{ model: folder, colour: 'red' } as never],
    [{ model: folder, host: scriptedHost([]).host, hostOptions: {} }],
    [{ model: folder, direction: { vector: Float32Array.of(1), block: -1 } }],
    [{ model: folder, direction: { vector: [1], block: 1 } as never }],
    [{ model: folder, direction: { vector: new Float32Array(4), block: 1 } }],
    [{ model: folder, direction: { vector: Float32Array.of(1, Number.NaN), block: 1 } }],
  ])('refuses options that make no sense: %#', (options) => {
    expect(() => localModel(options)).toThrow(expect.objectContaining({ code: 'PARAPET_ADAPTER_OPTIONS' }))
  })
})
