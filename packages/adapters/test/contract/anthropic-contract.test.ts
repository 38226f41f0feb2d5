import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals'
import { adapterContract } from '@parapet/sdk/testing'
import { providerServer } from '../wire/provider-server.ts'
import { anthropicDriver } from './anthropic-driver.ts'

/** Every request of the parity case goes over the network that msw plays. */
const ON_A_BUSY_MACHINE_MS = 180_000

beforeAll(() => providerServer.listen({ onUnhandledFrame: 'error' }))
afterEach(() => providerServer.resetHandlers())
afterAll(() => providerServer.close())

describe('the guarded client of Anthropic keeps the adapter contract', () => {
  for (const { name, run } of adapterContract(anthropicDriver)) it(name, run, ON_A_BUSY_MACHINE_MS)
})
