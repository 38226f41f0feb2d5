import { expect, it } from '@jest/globals'
import { routeOf } from './route.ts'

const at = (method: string, path: string, passRoutes: readonly string[] = []) =>
  routeOf(method, `https://any.test${path}`, passRoutes)

it.each([
  ['POST', '/v1/chat/completions', 'chat'],
  ['post', '/openai/deployments/gpt/chat/completions?api-version=1', 'chat'],
  ['POST', '/api/v1/responses', 'responses'],
  ['POST', '/v1/responses?beta=true', 'responses'],
  ['GET', '/v1/models', 'passed'],
  ['GET', '/v1/models/meta-llama/Llama-3', 'passed'],
  ['POST', '/v1/embeddings', 'passed'],
  ['POST', '/v1/moderations', 'passed'],
  ['POST', '/v1/responses/input_tokens', 'passed'],
  ['POST', '/v1/files', 'passed'],
  ['DELETE', '/v1/responses/resp_1', 'passed'],
])('%s %s is %s', (method, path, kind) => {
  expect(at(method, path).kind).toBe(kind)
})

it.each([
  ['GET', '/v1/responses/resp_1'],
  ['GET', '/v1/responses/resp_1/input_items'],
  ['POST', '/v1/responses/resp_1/cancel'],
  ['POST', '/v1/responses/compact'],
  ['GET', '/v1/chat/completions/c1'],
  ['GET', '/v1/chat/completions/c1/messages'],
  ['GET', '/v1/chat/completions'],
  ['POST', '/v1/completions'],
  ['POST', '/v1/conversations'],
  ['GET', '/v1/conversations/c1/items'],
  ['POST', '/v1/batches'],
  ['GET', '/v1/files/f1/content'],
  ['POST', '/v1/assistants'],
  ['POST', '/v1/threads/t1/runs'],
  ['POST', '/v1/vector_stores/v1/search'],
  ['POST', '/v1/realtime/calls'],
  ['POST', '/v1/images/generations'],
  ['POST', '/v1/audio/transcriptions'],
  ['POST', '/v1/audio/speech'],
  ['POST', '/v1/chat/completions/'],
  ['POST', '/v1/chat/Completions'],
  ['POST', '/v1/tomorrow'],
])('%s %s is refused', (method, path) => {
  expect(at(method, path).kind).toBe('refused')
})

it('lets a route pass that the developer names', () => {
  expect(at('POST', '/v1/images/generations', ['images/generations']).kind).toBe('passed')
  expect(at('POST', '/v1/images/edits', ['images/generations']).kind).toBe('refused')
})

it('lets no named route open a guarded one', () => {
  expect(at('POST', '/v1/chat/completions', ['completions']).kind).toBe('chat')
})

it('names a refused route without what a caller put into it', () => {
  expect(at('GET', '/v1/responses/my-secret/input_items')).toEqual({
    kind: 'refused',
    route: 'GET /v1/responses/…/input_items',
  })
})
