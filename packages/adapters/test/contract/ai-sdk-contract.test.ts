import { describe, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { aiSdkDriver } from './ai-sdk-driver.ts'

describe('the AI SDK middleware keeps the adapter contract', () => {
  for (const { name, run } of adapterContract(aiSdkDriver)) it(name, run)
})
