import { z } from 'zod'
import { providerRefusal } from '../../openai-wire/provider-refusal.ts'
import { createBodyReader } from '../../wire/body-reader.ts'
import { readText } from '../../wire/read-text.ts'
import { serverError } from '../codes.ts'
import { parseAs, parseJson } from '../parse-json.ts'
import { readBody } from '../read-body.ts'
import { type Call, type Route, route } from '../route.ts'
import { toldStream } from '../told-stream.ts'

/** What goes on to the upstream of a caller's headers. All others end here, those of the connection among them. */
const PASSED_HEADERS = [
  'openai-organization',
  'openai-project',
  'openai-beta',
  'idempotency-key',
  'x-client-request-id',
  // Whom the request is for: read by the guard, and taken out before the upstream sees it.
  'x-parapet-subject-key',
  'x-parapet-request-id',
  'x-parapet-locale',
  'x-parapet-grant',
] as const

const bodySchema = z.looseObject({ model: z.string().optional(), stream: z.boolean().nullish() })

function headersOf({ request, tenant, authorization, options }: Call): Headers {
  const headers = new Headers({ 'content-type': 'application/json' })
  for (const name of PASSED_HEADERS) {
    const value = request.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  if (tenant !== undefined) headers.set('x-parapet-tenant', tenant)
  const own = options.upstream?.key
  const sent = own === undefined ? authorization : `Bearer ${own}`
  if (sent !== undefined) headers.set('authorization', sent)
  return headers
}

/** Passes a call on to the upstream. */
async function passOn(call: Call, path: string, body?: string): Promise<Response> {
  if (!call.upstream) throw serverError('PARAPET_SERVER_UPSTREAM_MISSING', undefined)
  const init = { headers: headersOf(call), signal: call.signal }
  const response = await call.upstream(path, body === undefined ? init : { ...init, method: 'POST', body })
  const streams = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  return streams ? toldStream(response, call.options.onFault) : response
}

function judgedRoute(path: string, id: string, summary: string): Route {
  return route({
    method: 'POST',
    path: `/v1${path}`,
    id,
    summary,
    body: { type: 'application/json', schema: bodySchema },
    answers: [
      { type: 'application/json', schema: z.looseObject({}) },
      { type: 'text/event-stream', schema: z.looseObject({}) },
    ],
    async handle(call) {
      const body = await readBody(call.request, call.options)
      parseAs(bodySchema, parseJson(body))
      return passOn(call, path, body)
    },
  })
}

/** OpenAI's routes in front of the upstream. What it lists of its models is no model's text, and passes. */
/** The fetch beneath ends each pause after the upstream's `timeoutMs`. */
const ENDED_BENEATH = 2 ** 31 - 1

export const COMPLETION_ROUTES: readonly Route[] = [
  judgedRoute(
    '/chat/completions',
    'chatCompletions',
    'OpenAI’s chat completions, streamed or not, judged both ways.',
  ),
  judgedRoute('/responses', 'responses', 'OpenAI’s responses, streamed or not, judged both ways.'),
  route({
    method: 'GET',
    path: '/v1/models',
    id: 'models',
    summary: 'The upstream’s models.',
    answers: [{ type: 'application/json', schema: z.looseObject({}) }],
    async handle(call) {
      const response = await passOn(call, '/models')
      if (!response.ok)
        return providerRefusal(
          response,
          { onProviderError: () => undefined, stallMs: ENDED_BENEATH },
          { final: false },
        )
      const maxBytes = call.options.upstream?.maxAnswerBytes ?? 0
      const body = await readText(createBodyReader(response.body, { maxBytes }))
      return new Response(body, { headers: { 'content-type': 'application/json' } })
    },
  }),
]
