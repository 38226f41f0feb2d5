import { describe, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { functionDriver } from './function-driver.ts'

describe('a guarded function keeps the adapter contract', () => {
  for (const { name, run } of adapterContract(functionDriver)) it(name, run)
})
