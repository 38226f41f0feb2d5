import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { openaiChatDriver } from './openai-chat-driver.ts'
import { providers } from './openai-provider.ts'
import { openaiResponsesDriver } from './openai-responses-driver.ts'

beforeAll(() => providers.listen({ onUnhandledFrame: 'error' }))
afterAll(() => providers.close())

describe.each([openaiChatDriver, openaiResponsesDriver])(
  'the guarded client keeps the adapter contract: $name',
  (driver) => {
    for (const { name, run } of adapterContract(driver)) it(name, run)
  },
)
