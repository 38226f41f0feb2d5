import assert from 'node:assert/strict'
import { expect, it } from '@jest/globals'
import { createGuard, type MessageInput, memoryQueue } from '@parapet/sdk'
import {
  type AdapterDriver,
  type ContractAnswer,
  recordingSink,
  scriptedPolicy,
  wordDetector,
} from '@parapet/sdk/testing'
import fc from 'fast-check'
import { providerServer } from '../wire/provider-server.ts'
import { aiSdkDriver } from './ai-sdk-driver.ts'
import { anthropicDriver } from './anthropic-driver.ts'
import { functionDriver } from './function-driver.ts'
import { openaiChatDriver } from './openai-chat-driver.ts'
import { providers } from './openai-provider.ts'
import { openaiResponsesDriver } from './openai-responses-driver.ts'

/** Adapters, and the network that plays their providers, where they have one. */
interface Adapters {
  readonly drivers: readonly AdapterDriver[]
  readonly network?: {
    listen(options: { readonly onUnhandledFrame: 'error' }): void
    close(): void
    resetHandlers(): void
  }
}

/** Every adapter of a chat provider: a new one adds its driver here. Networks are played one at a time. */
const ADAPTERS: readonly Adapters[] = [
  { drivers: [aiSdkDriver, functionDriver] },
  { drivers: [openaiChatDriver, openaiResponsesDriver], network: providers },
  { drivers: [anthropicDriver], network: providerServer },
]

const MODES = ['generate', 'stream'] as const

const words = fc.string({
  unit: fc.constantFrom(
    'a',
    ' ',
    'é',
    '😀',
    '\u200b',
    'SECRET-1234',
    'SECRET-',
    '1234',
    'BLOCK',
    '-ME',
    '%41',
  ),
  maxLength: 30,
})

/** A conversation as every provider can be asked with: turns of text that end with the user's. */
const conversation: fc.Arbitrary<readonly MessageInput[]> = fc
  .record({
    system: fc.option(fc.constant('Be kind.'), { nil: undefined }),
    turns: fc.array(fc.tuple(words, words), { maxLength: 2 }),
    last: words,
  })
  .map(({ system, turns, last }) => [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...turns.flatMap(([asked, answered]) => [
      { role: 'user' as const, content: `say ${asked}` },
      { role: 'assistant' as const, content: `said ${answered}` },
    ]),
    { role: 'user' as const, content: `say ${last}` },
  ])

const cuts = fc.array(fc.nat(), { maxLength: 10 })

const cutAt = (places: readonly number[]) => (text: string) => {
  const sorted = [...new Set([0, ...places.map((place) => place % (text.length + 1)), text.length])]
  sorted.sort((a, b) => a - b)
  return sorted.slice(1).map((place, index) => text.slice(sorted[index], place))
}

const released = ({ text, ending, message }: ContractAnswer) => ({ text, ending, message })

interface Asking {
  readonly messages: readonly MessageInput[]
  readonly answer: string
  readonly chunk: (text: string) => readonly string[]
  readonly windowCharacters: number | undefined
}

/** What an adapter makes of a request: what the caller gets, every decision, and what the provider was asked with. */
async function ask(driver: AdapterDriver, mode: (typeof MODES)[number], asking: Asking) {
  const { messages, answer, chunk, windowCharacters } = asking
  const sink = recordingSink()
  const guard = createGuard({
    policy: scriptedPolicy({
      detector: wordDetector(),
      release: windowCharacters === undefined ? 'whole' : { windowCharacters },
    }),
    queue: memoryQueue(),
    records: sink,
    memoEntries: 0,
  })
  const adapter = driver.open({ guard, script: { parts: [{ kind: 'text', text: answer }], chunk } })
  const got = await (mode === 'generate' ? adapter.generate({ messages }) : adapter.stream({ messages }))
  assert.notEqual(got.ending, 'failed', `${driver.name}, ${mode}: ${String(got.error)}`)
  const decisions = sink.decisions.map(({ decision: { verdict, edits, duties, reasons } }) => ({
    verdict,
    edits,
    duties,
    reasons,
  }))
  await guard.close()
  return {
    answer: released(got),
    decisions,
    asked: adapter.upstream.prompts.length,
    askedWithSecret: adapter.upstream.prompts.some((prompt) => /SECRET-\d{4}/.test(prompt)),
  }
}

it('gives the same decisions and the same text through every adapter, streamed in any chunks or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      conversation,
      words,
      cuts,
      fc.option(fc.integer({ min: 22, max: 60 }), { nil: undefined }),
      async (messages, answer, places, windowCharacters) => {
        const asking = { messages, answer, chunk: cutAt(places), windowCharacters }
        const got: Awaited<ReturnType<typeof ask>>[] = []
        for (const { drivers, network } of ADAPTERS) {
          network?.listen({ onUnhandledFrame: 'error' })
          try {
            const asked = drivers.flatMap((driver) => MODES.map((mode) => ask(driver, mode, asking)))
            got.push(...(await Promise.all(asked)))
          } finally {
            network?.resetHandlers()
            network?.close()
          }
        }

        const [first, ...others] = got
        for (const other of others) assert.deepEqual(other, first)
        assert.equal(first?.askedWithSecret, false)
      },
    ),
    { numRuns: 20 },
  )
}, 180_000)

it('compares more than one adapter, each by another name', () => {
  const names = ADAPTERS.flatMap(({ drivers }) => drivers.map(({ name }) => name))

  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThan(1)
})
