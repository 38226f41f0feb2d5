import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { providers } from './openai-provider.ts'
import { openaiResponsesDriver } from './openai-responses-driver.ts'

beforeAll(() => providers.listen({ onUnhandledFrame: 'error' }))
afterAll(() => providers.close())

describe('the guarded client of openai keeps the adapter contract in responses', () => {
  for (const { name, run } of adapterContract(openaiResponsesDriver)) it(name, run, 120_000)
})
