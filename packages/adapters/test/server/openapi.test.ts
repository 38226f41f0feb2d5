import { expect, it } from '@jest/globals'
import { scriptedPolicy } from '@parapet/sdk/testing'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { serverUnderTest } from './server-under-test.ts'

interface Document {
  readonly openapi: string
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string
            readonly requestBody?: { readonly content: Record<string, { schema: object }> }
            readonly responses: Record<string, { content: Record<string, { schema: object }> }>
          }
        >
      >
    >
  >
}

async function documentOf(server: Awaited<ReturnType<typeof serverUnderTest>>) {
  return (await (await server.get('/openapi.json', { authorization: '' })).json()) as Document
}

it('is a valid OpenAPI 3.1 document of every route', async () => {
  const document = await documentOf(await serverUnderTest())

  const { valid, errors } = await new Validator().validate(structuredClone(document) as never)

  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
  expect(Object.keys(document.paths).sort()).toEqual([
    '/beta/litellm_basic_guardrail_api',
    '/block-edits/beta/litellm_basic_guardrail_api',
    '/healthz',
    '/readyz',
    '/v1/chat/completions',
    '/v1/check',
    '/v1/check/stream',
    '/v1/input',
    '/v1/models',
    '/v1/moderations',
    '/v1/responses',
    '/v1/tickets/{ticket}',
  ])
})

it('names each operation once', async () => {
  const { paths } = await documentOf(await serverUnderTest())
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )

  expect(ids.length).toBeGreaterThan(8)
  expect(new Set(ids).size).toBe(ids.length)
})

const CASES = [
  ['/v1/check', { stage: 'input', text: 'SECRET-1234 HOLD-ME' }, {}],
  ['/v1/check', { stage: 'input', text: 'SECRET-1234' }, { answers: 'verdict' }],
  ['/v1/check', { stage: 'input', text: 'FAIL-ME' }, {}],
  ['/v1/input', { messages: [{ role: 'user', content: 'SECRET-1234' }] }, {}],
  ['/v1/input', { messages: [{ role: 'user', content: 'BLOCK-ME' }] }, {}],
  ['/v1/input', { messages: [{ role: 'user', content: 'HOLD-ME' }] }, {}],
  ['/v1/moderations', { input: 'x' }, {}],
  ['/beta/litellm_basic_guardrail_api', { input_type: 'response', texts: ['SECRET-1234'] }, {}],
] as const

it.each(CASES)('tells the truth of %s, asked %j with %j', async (path, body, options) => {
  const policy = scriptedPolicy({ review: { mode: 'hold', withinMs: 60_000, waitMs: 0, otherwise: 'block' } })
  const server = await serverUnderTest({ policy, server: options })
  const operation = (await documentOf(server)).paths[path]?.['post']
  const ajv = new Ajv2020({ strict: false })
  const asked = ajv.compile(operation?.requestBody?.content['application/json']?.schema ?? { not: {} })
  const answered = ajv.compile(
    operation?.responses['200']?.content['application/json']?.schema ?? { not: {} },
  )

  const response = await server.post(path, body)

  expect(response.status).toBe(200)
  expect(asked(body)).toBe(true)
  answered(await response.json())
  expect(answered.errors).toBeNull()
  expect(asked({ surprise: 1 })).toBe(false)
})
