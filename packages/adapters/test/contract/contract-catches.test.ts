import type { LanguageModelV4Middleware, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { describe, expect, it } from '@jest/globals'
import { guardMiddleware } from '@parapet/adapters/ai-sdk'
import type { Guard } from '@parapet/sdk'
import { adapterContract } from '@parapet/sdk/testing'
import { driverOf } from './ai-sdk-driver.ts'

type Middleware = Required<Pick<LanguageModelV4Middleware, 'wrapGenerate' | 'wrapStream'>>
type Part = LanguageModelV4StreamPart

const map = (change: (part: Part) => Part[]) =>
  new TransformStream<Part, Part>({
    transform: (part, controller) => {
      for (const changed of change(part)) controller.enqueue(changed)
    },
  })

/** Our middleware with a fault in it. */
const broken =
  (breakIt: (ours: Middleware, guard: Guard) => Partial<Middleware>) =>
  (guard: Guard): LanguageModelV4Middleware => {
    const ours = guardMiddleware(guard) as Middleware
    return { specificationVersion: 'v4', ...ours, ...breakIt(ours, guard) }
  }

/** The mistakes of real adapters, and a case that each must fail. */
const MISTAKES: readonly (readonly [string, (guard: Guard) => LanguageModelV4Middleware, string])[] = [
  [
    'judges nothing that streams',
    broken(() => ({ wrapStream: ({ doStream }) => doStream() })),
    'streamed: redacts the answer',
  ],
  [
    'asks the provider with what was not edited',
    broken((ours) => ({
      wrapGenerate: (call) =>
        ours.wrapGenerate({ ...call, model: { ...call.model, doGenerate: () => call.doGenerate() } }),
    })),
    'unstreamed: calls the provider with the edited request',
  ],
  [
    'calls the provider before the request is judged',
    broken((ours) => ({
      wrapGenerate: async (call) => {
        await call.doGenerate()
        return ours.wrapGenerate(call)
      },
    })),
    'unstreamed: calls nobody with a request that is blocked',
  ],
  [
    'lets a tool’s input deltas through',
    broken((ours) => ({
      wrapStream: async (call) => {
        const inputs: Part[] = []
        const doStream = async (params: typeof call.params) => {
          const result = await call.model.doStream(params)
          const keep = map((part) => {
            if (part.type === 'tool-input-delta') inputs.push(part)
            return [part]
          })
          return { ...result, stream: result.stream.pipeThrough(keep) }
        }
        const result = await ours.wrapStream({ ...call, model: { ...call.model, doStream } })
        return { ...result, stream: result.stream.pipeThrough(map((part) => [...inputs.splice(0), part])) }
      },
    })),
    'streamed: leaks nothing of a tool call that is blocked, however it is escaped',
  ],
  [
    'tells the caller why',
    broken((ours, guard) => ({
      wrapGenerate: async (call) => {
        const result = await ours.wrapGenerate(call)
        const { rules = [] } = guard.policy.document.stages.input ?? {}
        return {
          ...result,
          providerMetadata: { ...result.providerMetadata, why: { rule: rules[0]?.id ?? '' } },
        }
      },
    })),
    'unstreamed: calls nobody with a request that is blocked',
  ],
  [
    'reads the provider to its end, whatever was decided',
    broken((ours) => ({
      wrapStream: (call) => {
        const doStream = async (params: typeof call.params) => {
          const result = await call.model.doStream(params)
          const parts: Part[] = []
          for await (const part of result.stream) parts.push(part)
          return { ...result, stream: ReadableStream.from<Part>(parts) }
        }
        return ours.wrapStream({ ...call, model: { ...call.model, doStream } })
      },
    })),
    'streamed: aborts the provider when the answer is blocked in mid-stream',
  ],
  [
    'passes the provider’s error on with all it says',
    broken((ours) => ({
      wrapGenerate: async (call) => {
        let original: unknown
        const doGenerate = async (params: typeof call.params) => {
          try {
            return await call.model.doGenerate(params)
          } catch (error) {
            original = error
            throw error
          }
        }
        try {
          return await ours.wrapGenerate({ ...call, model: { ...call.model, doGenerate } })
        } catch (error) {
          throw original ?? error
        }
      },
    })),
    'unstreamed: passes an error of the provider on, and nothing that was held back',
  ],
  [
    'does not look at reasoning',
    broken((ours) => ({
      wrapGenerate: async (call) => {
        let reasoning: { type: 'reasoning'; text: string }[] = []
        const doGenerate = async (params: typeof call.params) => {
          const result = await call.model.doGenerate(params)
          reasoning = result.content.filter((part) => part.type === 'reasoning')
          return { ...result, content: result.content.filter((part) => part.type !== 'reasoning') }
        }
        const result = await ours.wrapGenerate({ ...call, model: { ...call.model, doGenerate } })
        return { ...result, content: [...reasoning, ...result.content] }
      },
    })),
    'unstreamed: judges reasoning, and redacts it',
  ],
  [
    'leaves the call running that it began before the request was blocked',
    broken((ours) => ({
      wrapGenerate: (call) => {
        const doGenerate = ({ abortSignal: _, ...params }: typeof call.params) =>
          call.model.doGenerate(params)
        return ours.wrapGenerate({ ...call, model: { ...call.model, doGenerate } })
      },
    })),
    'unstreamed: speculating: releases nothing and aborts the call when the request is blocked',
  ],
  [
    'streams in chunks of its own, so that blocks fall elsewhere',
    broken((ours) => ({
      wrapStream: async (call) => {
        let seen = 0
        const result = await ours.wrapStream(call)
        const cut = map((part) => (part.type === 'text-delta' && seen++ > 0 ? [] : [part]))
        return { ...result, stream: result.stream.pipeThrough(cut) }
      },
    })),
    'gives the same decision and the same released text streamed, in any chunks, and unstreamed',
  ],
]

describe('the adapter contract', () => {
  it.each(MISTAKES)('catches an adapter that %s', async (_, middleware, name) => {
    const found = adapterContract(driverOf(middleware)).find((each) => each.name === name)
    const ours = adapterContract(driverOf(guardMiddleware)).find((each) => each.name === name)

    expect(ours).toBeDefined()
    await ours?.run()
    await expect(found?.run()).rejects.toThrow()
  })

  it('names its cases once each', () => {
    const names = adapterContract(driverOf(guardMiddleware)).map(({ name }) => name)

    expect(names.length).toBeGreaterThan(80)
    expect(new Set(names).size).toBe(names.length)
  })

  it('has a case for each content that an adapter says it judges, and none for what it says it has not', () => {
    const driver = driverOf(guardMiddleware)
    const without = (name: keyof typeof driver.capabilities) =>
      adapterContract({
        ...driver,
        capabilities: { ...driver.capabilities, [name]: { handling: 'absent' } },
      }).length
    const all = adapterContract(driver).length

    for (const name of [
      'input.media',
      'output.toolCall',
      'output.toolResult',
      'output.reasoning',
      'output.signedReasoning',
      'output.structured',
      'output.media',
      'output.sources',
      'output.unknown',
    ] as const)
      expect(without(name)).toBeLessThan(all)
  })
})
