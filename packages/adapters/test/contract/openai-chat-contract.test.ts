import { describe, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { openaiChatDriver } from './openai-chat-driver.ts'

describe('the guarded client of openai keeps the adapter contract in chat completions', () => {
  for (const { name, run } of adapterContract(openaiChatDriver)) it(name, run, 120_000)
})
