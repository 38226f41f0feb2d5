import { z } from 'zod'
import { type BodyType, type Route, route } from './route.ts'
import { errorSchema } from './schemas.ts'

type Json = Readonly<Record<string, unknown>>

/** A schema as OpenAPI 3.1 takes it, which is JSON Schema 2020-12. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

const content = (bodies: readonly BodyType[], io: 'input' | 'output'): Json =>
  Object.fromEntries(bodies.map(({ type, schema }) => [type, { schema: jsonSchema(schema, io) }]))

function parameters({ path, query = [] }: Route): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return [
    ...inPath,
    ...query.map((name) => ({ name, in: 'query', required: false, schema: { type: 'string' } })),
  ]
}

function operation(described: Route): Json {
  const { id, summary, body, answers, open } = described
  return {
    operationId: id,
    summary,
    ...(open ? { security: [] } : {}),
    parameters: parameters(described),
    ...(body ? { requestBody: { required: true, content: content([body], 'input') } } : {}),
    responses: {
      200: { description: 'The answer.', content: content(answers, 'output') },
      default: {
        description: 'The question was not answered; `error.code` says why.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

/** Writes the OpenAPI 3.1 document of routes. */
export function openapiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {}
  for (const each of routes)
    paths[each.path] = { ...paths[each.path], [each.method.toLowerCase()]: operation(each) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parapet',
      version: '1',
      description: 'A guard for any language. docs/serve.md says how to run it.',
    },
    security: [{ bearer: [] }, { header: [] }],
    paths,
    components: {
      schemas: { Error: jsonSchema(errorSchema, 'output') },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        header: { type: 'apiKey', in: 'header', name: 'x-parapet-key' },
      },
    },
  }
}

/** Serves the document of `routes`, written once. */
export function openapiRoute(routes: readonly Route[]): Route {
  const document = JSON.stringify(openapiDocument(routes))
  return route({
    method: 'GET',
    path: '/openapi.json',
    id: 'openapi',
    summary: 'This document.',
    open: true,
    answers: [{ type: 'application/json', schema: z.looseObject({}) }],
    handle: async () => new Response(document, { headers: { 'content-type': 'application/json' } }),
  })
}
