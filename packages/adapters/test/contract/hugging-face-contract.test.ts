import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { providerServer } from '../wire/provider-server.ts'
import { chat, chunks, tokens } from './hugging-face-dialects.ts'
import { type HuggingFaceDialect, huggingFaceDriver } from './hugging-face-driver.ts'

/** Every request of the parity case goes over the network that msw plays. */
const ON_A_BUSY_MACHINE_MS = 180_000

beforeAll(() => providerServer.listen({ onUnhandledFrame: 'error' }))
afterEach(() => providerServer.resetHandlers())
afterAll(() => providerServer.close())

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
