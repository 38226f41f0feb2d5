import { afterEach, expect, test } from '@jest/globals'
import type { ModelHost } from '@parapet/runtime'
import { scriptedHost } from '../../test/builders/scripted-host.ts'
import { closeModels, loadOnHost } from './shared-host.ts'

// No model is loaded here, so these hosts never start a process.

afterEach(closeModels)

/** Loads a detector that does nothing; returns it with the host that it got. */
async function load(own?: ModelHost) {
  const hosts: ModelHost[] = []
  const detector = await loadOnHost(own, async (host) => {
    hosts.push(host)
    return { digest: 'sha256:0', measure: async () => ({ kind: 'scored', scores: {} }) }
  })
  return { detector, host: hosts[0] as ModelHost }
}

test('detectors without a host of their own share one', async () => {
  const [first, second] = await Promise.all([load(), load()])

  expect(second.host).toBe(first.host)
})

test('the shared host closes with its last detector, and the next one gets another', async () => {
  const [first, second] = await Promise.all([load(), load()])

  await first.detector.close?.()
  await first.detector.close?.()
  expect(first.host.status().state).toBe('idle')
  await second.detector.close?.()
  expect(first.host.status().state).toBe('closed')

  expect((await load()).host).not.toBe(first.host)
})

test('a detector that fails to load does not keep the shared host', async () => {
  const { detector, host } = await load()
  const failing = loadOnHost(undefined, () => Promise.reject(new Error('refused')))
  await expect(failing).rejects.toThrow('refused')

  await detector.close?.()

  expect(host.status().state).toBe('closed')
})

test('closeModels ends the shared host under its users; what they close later is not their successors', async () => {
  const old = await load()
  await closeModels()
  const next = await load()

  await old.detector.close?.()

  expect(old.host.status().state).toBe('closed')
  expect(next.host.status().state).toBe('idle')
})

test('a host that was passed in is used, and left open', async () => {
  const own = scriptedHost()
  const { detector, host } = await load(own)

  await detector.close?.()
  await closeModels()

  expect(host).toBe(own)
  expect(own.closes).toBe(0)
})
