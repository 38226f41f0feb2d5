import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { HUGGING_FACE_CAPABILITIES } from '@parapet/adapters/huggingface'
import { adapterContract } from '@parapet/sdk/testing'
import { providerServer } from '../wire/provider-server.ts'
import {
  chatArgs,
  type HuggingFaceDialect,
  huggingFaceDriver,
  TEXT_CAPABILITIES,
  textArgs,
} from './hugging-face-driver.ts'
import { CHAT_FORM, CHUNKS_FORM, TOKENS_FORM } from './scripted-hugging-face.ts'

/** Every request of the parity case goes over the network that msw plays. */
const ON_A_BUSY_MACHINE_MS = 180_000

beforeAll(() => providerServer.listen({ onUnhandledFrame: 'error' }))
afterEach(() => providerServer.resetHandlers())
afterAll(() => providerServer.close())

type Json = Record<string, unknown>
const texts = (value: unknown) => (value ?? []) as Json[]
const optionsOf = (signal: AbortSignal | undefined) => (signal ? { signal } : {})

const chat: HuggingFaceDialect = {
  form: CHAT_FORM,
  capabilities: HUGGING_FACE_CAPABILITIES,
  args: chatArgs,
  whole: (client, args, signal) => client.chatCompletion(args as never, optionsOf(signal)),
  stream: (client, args, signal) => client.chatCompletionStream(args as never, optionsOf(signal)) as never,
  texts: ({ choices }) =>
    texts(choices).map(({ index, delta, message }) => {
      const { content, reasoning_content: reasoning } = (delta ?? message) as Json
      return { choice: Number(index), content: String(content ?? ''), reasoning: String(reasoning ?? '') }
    }),
  calls: (pieces) =>
    pieces.flatMap(({ choices }) =>
      texts(choices).flatMap(({ delta, message }) =>
        texts(((delta ?? message) as Json)['tool_calls']).map(({ function: called }) => {
          const { name, arguments: input } = called as { name: string; arguments: string }
          return { name, input }
        }),
      ),
    ),
}

const generation: Omit<HuggingFaceDialect, 'form' | 'texts'> = {
  capabilities: TEXT_CAPABILITIES,
  args: textArgs,
  whole: (client, args, signal) => client.textGeneration(args as never, optionsOf(signal)) as never,
  stream: (client, args, signal) => client.textGenerationStream(args as never, optionsOf(signal)) as never,
  calls: () => [],
}

const whole = ({ generated_text: content }: Json) => ({ choice: 0, content: String(content), reasoning: '' })

const tokens: HuggingFaceDialect = {
  ...generation,
  form: TOKENS_FORM,
  texts: (piece) =>
    piece['token'] === undefined
      ? [whole(piece)]
      : [{ choice: 0, content: String((piece['token'] as Json)['text']), reasoning: '' }],
}

const chunks: HuggingFaceDialect = {
  ...generation,
  form: CHUNKS_FORM,
  // What the provider never saw has the form that the client's types say.
  texts: (piece) =>
    piece['choices'] === undefined
      ? tokens.texts(piece)
      : texts(piece['choices']).map(({ index, text }) => ({
          choice: Number(index),
          content: String(text),
          reasoning: '',
        })),
}

describe('the guarded client of Hugging Face keeps the adapter contract: chats', () => {
  for (const { name, run } of adapterContract(huggingFaceDriver(chat))) it(name, run, ON_A_BUSY_MACHINE_MS)
})

// A text generation has one text for all that stood before it, and so no history and no results of tools.
const ofOneText = (dialect: HuggingFaceDialect) =>
  adapterContract(huggingFaceDriver(dialect)).filter(({ name }) => !name.includes('what the history says'))

describe.each([
  ['tokens', tokens],
  ['chunks of a completion', chunks],
])('the guarded client of Hugging Face keeps the adapter contract: text generations in %s', (_, dialect) => {
  const cases = ofOneText(dialect)

  it('has all but two of the cases', () => {
    expect(cases.length).toBe(adapterContract(huggingFaceDriver(dialect)).length - 2)
  })
  for (const { name, run } of cases) it(name, run, ON_A_BUSY_MACHINE_MS)
})
