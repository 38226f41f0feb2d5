import { describe, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { openaiResponsesDriver } from './openai-responses-driver.ts'

describe('the guarded client of openai keeps the adapter contract in responses', () => {
  for (const { name, run } of adapterContract(openaiResponsesDriver)) it(name, run, 120_000)
})
