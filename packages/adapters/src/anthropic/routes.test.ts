import { expect, it } from '@jest/globals'
import { isJudged } from './routes.ts'

const BASE = 'https://api.anthropic.com'

it.each([
  ['POST', `${BASE}/v1/messages`],
  ['post', `${BASE}/v1/messages?beta=true`],
  ['POST', 'https://gateway.test/anthropic/v1/messages'],
])('judges %s %s', (method, url) => {
  expect(isJudged(method, url)).toBe(true)
})

it.each([
  ['POST', '/v1/messages/count_tokens'],
  ['GET', '/v1/models'],
  [undefined, '/v1/models/claude?beta=true'],
  ['POST', '/v1/files'],
  ['DELETE', '/v1/files/file_1'],
  ['POST', '/v1/oauth/token'],
])('lets pass %s %s', (method, path) => {
  expect(isJudged(method, BASE + path)).toBe(false)
})

it.each([
  ['GET', '/v1/messages', 'GET /v1/messages'],
  ['POST', '/v1/messages/', 'POST /v1/messages'],
  ['POST', '/v1/messages/batches', 'POST /v1/messages/batches'],
  ['GET', '/v1/messages/batches/canary/results', 'GET /v1/messages/batches/…/results'],
  ['GET', '/v1/files/canary/content', 'GET /v1/files/…/content'],
  ['GET', '/v1/files', 'GET /v1/files'],
  ['POST', '/v1/complete', 'POST /v1/complete'],
  ['POST', '/v1/canary', 'POST /v1/…'],
  ['CANARY WORDS', '/v1/messages', '? /v1/messages'],
])('refuses %s %s, and names it in known words', (method, path, named) => {
  expect(() => isJudged(method, BASE + path)).toThrow(
    expect.objectContaining({
      code: 'PARAPET_ADAPTER_REQUEST_REFUSED',
      message: expect.stringContaining(`the call ${named},`),
    }),
  )
})
