import { expect, it } from '@jest/globals'
import { loadHono } from './load-hono.ts'
import { loadNodeServer } from './load-node-server.ts'

const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })

it.each([
  ['hono', () => loadHono(() => Promise.reject(missing))],
  ['@hono/node-server', () => loadNodeServer(() => Promise.reject(missing))],
])('names the install line when %s is missing', async (peer, load) => {
  await expect(load()).rejects.toMatchObject({
    code: 'PARAPET_ADAPTER_PEER_MISSING',
    message: expect.stringMatching(new RegExp(`"${peer}".*npm install hono @hono/node-server`)),
    cause: missing,
  })
})
