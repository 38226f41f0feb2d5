import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { openaiChatDriver } from './openai-chat-driver.ts'
import { providers } from './openai-provider.ts'

beforeAll(() => providers.listen({ onUnhandledFrame: 'error' }))
afterAll(() => providers.close())

describe('the guarded client of openai keeps the adapter contract in chat completions', () => {
  for (const { name, run } of adapterContract(openaiChatDriver)) it(name, run, 120_000)
})
