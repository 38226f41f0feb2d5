import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createModelHost, type ModelHost } from '@parapet/runtime'
import { generateText, type ModelMessage, wrapLanguageModel } from 'ai'
import {
  createGuard,
  definePolicy,
  guardMiddleware,
  localModel,
  refusalDirection,
  when,
} from '../src/index.ts'

const model = '@parapet/model-sentinel'
/** Loading a model takes a while where few cores are free. */
const LONG_MS = 300_000
const stage = { onError: 'block', onAbstain: 'block', budgetMs: 240_000 } as const

// The shipped sentinel reads a request and answers it, in one host.
describe('a detector and a local model on a host that keeps what it read', () => {
  let host: ModelHost
  let local: ReturnType<typeof localModel>
  let guarded: Parameters<typeof generateText>[0]['model']
  const closing: (() => Promise<void>)[] = []
  beforeAll(() => {
    host = createModelHost({ sharedPrefillTokens: 1_024, loadTimeoutMs: LONG_MS, unresponsiveMs: 120_000 })
    local = localModel({ model, host, maxOutputTokens: 8 })
    const direction = refusalDirection({ weights: model, host, contextCharacters: 4_000 })
    const policy = definePolicy({
      id: 'shared',
      version: '1',
      input: { ...stage, rules: [when(direction, 'harmful').above(0.999_999).block()] },
    })
    const guard = createGuard({ policy })
    guarded = wrapLanguageModel({ model: local, middleware: guardMiddleware(guard) })
    closing.push(() => guard.close())
  })
  afterAll(async () => {
    for (const close of closing) await close()
    await host.close()
  })

  const user = (content: string): ModelMessage => ({ role: 'user', content })
  const assistant = (content: string): ModelMessage => ({ role: 'assistant', content })
  const ask = async (messages: ModelMessage[], instructions?: string) => {
    const system = instructions === undefined ? {} : { instructions }
    const { text, usage } = await generateText({ model: guarded, messages, ...system })
    return { text, total: usage.inputTokens, read: usage.inputTokenDetails.cacheReadTokens }
  }

  it.each<[string, ModelMessage[]]>([
    ['a request', [user('How long does a parcel to Norway take?')]],
    ['a conversation', [user('Do you ship abroad?'), assistant('We do.'), user('To Norway too?')]],
  ])(
    'reads %s once, and answers as the model does alone',
    async (_, messages) => {
      const given = await ask(messages)
      const alone = await generateText({ model: local, messages })

      expect(given.read).toBe(given.total)
      expect(given.total).toBeGreaterThan(20)
      expect(given.text).toBe(alone.text)
      expect(alone.usage.inputTokenDetails.cacheReadTokens).toBe(0)
    },
    LONG_MS,
  )

  it(
    'reads a request under a system prompt of the app twice: the detector reads under the model’s own',
    async () => {
      const { read } = await ask([user('How long does a parcel take?')], 'Answer in one word.')

      expect(read).toBe(0)
    },
    LONG_MS,
  )
})
