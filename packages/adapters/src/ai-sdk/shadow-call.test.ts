import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { describe, expect, it } from '@jest/globals'
import { createGuard, memoryQueue, type RecordSink } from '@parapet/sdk'
import { recordingSink, SCRIPTED_WORDS, scriptedPolicy, wordDetector } from '@parapet/sdk/testing'
import { wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { UNKNOWN_USAGE } from './filtered-answer.ts'
import { guardMiddleware } from './guard-middleware.ts'

const { block } = SCRIPTED_WORDS
const CALL: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
}
const RESULT: LanguageModelV4GenerateResult = {
  content: [{ type: 'text', text: block }],
  finishReason: { unified: 'stop', raw: 'of the provider' },
  usage: UNKNOWN_USAGE,
  warnings: [{ type: 'other', message: 'of the provider' }],
}
const TEXT: LanguageModelV4StreamPart[] = [
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: block },
  { type: 'text-end', id: 't' },
]
const FINISH: LanguageModelV4StreamPart = {
  type: 'finish',
  finishReason: RESULT.finishReason,
  usage: UNKNOWN_USAGE,
}

interface Setup {
  readonly parts?: Iterable<LanguageModelV4StreamPart>
  readonly records?: RecordSink
  readonly detector?: ReturnType<typeof wordDetector>
}

function open({ parts = [], records = recordingSink(), detector = wordDetector() }: Setup) {
  const guard = createGuard({
    policy: scriptedPolicy({ detector, policy: { mode: 'shadow' } }),
    queue: memoryQueue(),
    records,
  })
  const faults: unknown[] = []
  const upstream = new MockLanguageModelV4({
    doGenerate: async () => RESULT,
    doStream: async () => ({ stream: ReadableStream.from(parts) }),
  })
  const middleware = guardMiddleware(guard, {
    onShadowFault: (error) => {
      faults.push(error)
      throw new Error('of the listener')
    },
  })
  return { model: wrapLanguageModel({ model: upstream, middleware }), faults, upstream }
}

async function collect(stream: ReadableStream<LanguageModelV4StreamPart>) {
  const passed: LanguageModelV4StreamPart[] = []
  for await (const part of stream) passed.push(part)
  return passed
}

describe('in shadow mode', () => {
  it('a sink that fails leaves the answer as it came, without an id', async () => {
    const records = recordingSink()
    records.failWith(new Error('disk full'))
    const { model, faults } = open({ parts: [...TEXT, FINISH], records })

    expect(await model.doGenerate(CALL)).toEqual(RESULT)
    expect(await collect((await model.doStream(CALL)).stream)).toEqual([...TEXT, FINISH])
    expect(faults.length).toBeGreaterThan(0)
  })

  it('a part of the prompt that nobody knows reaches the provider', async () => {
    const content = [{ type: 'hologram' }, { type: 'text', text: 'hi' }]
    const { model, upstream, faults } = open({})
    const prompt = [{ role: 'user', content }] as never

    expect(await model.doGenerate({ prompt })).toEqual(RESULT)
    expect(upstream.doGenerateCalls[0]?.prompt).toEqual(prompt)
    expect(faults).toMatchObject([{ code: 'PARAPET_ADAPTER_PART_UNKNOWN' }])
  })

  it('a context that is not usable stays with Parapet, and the call goes on', async () => {
    const { model, upstream } = open({})

    const result = await model.doGenerate({
      ...CALL,
      providerOptions: { parapet: { tenant: 5 }, mock: { a: 1 } },
    })

    expect(result).toEqual(RESULT)
    expect(upstream.doGenerateCalls[0]?.providerOptions).toEqual({ mock: { a: 1 } })
  })

  it('a stream without a finish ends as it came', async () => {
    const { model } = open({ parts: TEXT })

    expect(await collect((await model.doStream(CALL)).stream)).toEqual(TEXT)
  })

  it('a stream that fails fails with the provider’s own error, after all that came before', async () => {
    const broken = new Error('of the provider')
    function* parts() {
      yield* TEXT
      throw broken
    }
    const { model } = open({ parts: parts() })
    const { stream } = await model.doStream(CALL)
    const reader = stream.getReader()

    for (const part of TEXT) expect((await reader.read()).value).toEqual(part)
    await expect(reader.read()).rejects.toBe(broken)
  })

  it('parts after the finish pass', async () => {
    const after: LanguageModelV4StreamPart[] = [{ type: 'raw', rawValue: 1 }, ...TEXT]
    const { model } = open({ parts: [...TEXT, FINISH, ...after] })

    const passed = await collect((await model.doStream(CALL)).stream)

    expect(passed.slice(TEXT.length + 1)).toEqual(after)
    expect(passed[TEXT.length]).toMatchObject({
      type: 'finish',
      providerMetadata: { parapet: { decisionId: expect.any(String) } },
    })
  })

  it('the text streams while the request is still being judged', async () => {
    let judgeNow = () => {}
    const judging = new Promise<void>((resolve) => {
      judgeNow = resolve
    })
    const words = wordDetector()
    const records = recordingSink()
    const slow: typeof words = {
      ...words,
      load: async () => {
        await judging
        return words.load()
      },
    }
    const { model } = open({ parts: [...TEXT, FINISH], detector: slow, records })

    const reader = (await model.doStream(CALL)).stream.getReader()
    for (const part of TEXT) expect((await reader.read()).value).toEqual(part)
    expect(records.decisions).toHaveLength(0)
    judgeNow()

    expect((await reader.read()).value).toMatchObject({ type: 'finish' })
    expect(records.decisions.map(({ decision }) => decision.verdict)).toEqual(['allow', 'block'])
  })
})
