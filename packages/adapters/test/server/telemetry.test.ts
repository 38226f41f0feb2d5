import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type Attributes, metrics, propagation, trace } from '@opentelemetry/api'
import { SCRIPTED_WORDS } from '@parapet/sdk/testing'
import { KEY, serverUnderTest } from './server-under-test.ts'

interface Seen {
  readonly name: string
  readonly attributes: Attributes
  ended: boolean
}

const spans: Seen[] = []
const figures: { readonly name: string; readonly value: number; readonly attributes: Attributes }[] = []
const parents: unknown[] = []

/** What an SDK would be, as far as the server uses it. */
beforeAll(() => {
  const startSpan = (name: string, { attributes = {} }: { attributes?: Attributes } = {}) => {
    const seen: Seen = { name, attributes: { ...attributes }, ended: false }
    spans.push(seen)
    return {
      setAttributes: (more: Attributes) => Object.assign(seen.attributes, more),
      setStatus: () => undefined,
      end: () => {
        seen.ended = true
      },
    }
  }
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) } as never)
  const instrument = (name: string) => ({
    add: (value: number, attributes: Attributes = {}) => figures.push({ name, value, attributes }),
    record: (value: number, attributes: Attributes = {}) => figures.push({ name, value, attributes }),
  })
  const meter = { createHistogram: instrument, createCounter: instrument, createUpDownCounter: instrument }
  metrics.setGlobalMeterProvider({ getMeter: () => meter } as never)
  propagation.setGlobalPropagator({
    inject: () => undefined,
    fields: () => [],
    extract: (context, carrier, getter) => {
      parents.push(getter.get(carrier, 'traceparent'))
      return context
    },
  })
})
afterAll(() => {
  trace.disable()
  metrics.disable()
  propagation.disable()
})

it('tells of each request where it went and what was decided, and no text, key or path', async () => {
  const { post, get, records } = await serverUnderTest()
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  await (
    await post('/v1/check', { stage: 'input', text: `canary ${SCRIPTED_WORDS.block}` }, { traceparent })
  ).text()
  await (await post('/v1/check', { canary: 1 })).text()
  await (await get('/v1/tickets/canary')).text()

  expect(spans).toMatchObject([
    {
      name: 'POST /v1/check',
      ended: true,
      attributes: {
        'http.route': '/v1/check',
        'http.response.status_code': 200,
        'parapet.verdict': 'block',
        'parapet.decision.id': records.decisions[0]?.decision.id,
      },
    },
    { attributes: { 'http.response.status_code': 400, 'error.type': 'PARAPET_SERVER_BODY_INVALID' } },
    { name: 'GET /v1/tickets/{ticket}', attributes: { 'http.response.status_code': 404 } },
  ])
  const active = figures.filter(({ name }) => name === 'http.server.active_requests')
  expect(active.reduce((sum, { value }) => sum + value, 0)).toBe(0)
  expect(figures.filter(({ name }) => name === 'http.server.request.duration')).toHaveLength(3)
  expect(parents[0]).toBe(traceparent)
  expect(JSON.stringify([spans, figures])).not.toMatch(new RegExp(`canary|${KEY}`))
})
