import { context, metrics, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Decision } from '@parapet/sdk'

const NAME = '@parapet/adapters/server'

const carrier = {
  keys: (headers: Headers) => [...headers.keys()],
  get: (headers: Headers, key: string) => headers.get(key) ?? undefined,
}

/** One request's span and figures, through OpenTelemetry's API: nothing happens without an SDK. No text, no key, no path. */
export interface RequestTelemetry {
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Names a decision that the request led to. */
  decided(decision: Pick<Decision, 'id' | 'verdict' | 'policy'>): void
  /** The request is over. */
  end(status: number, code?: string): void
}

/** Begins a request's span, under the one that its `traceparent` names. @param route the route's pattern, never the path */
export function beginTelemetry(request: Request, route: string): RequestTelemetry {
  const parent = propagation.extract(context.active(), request.headers, carrier)
  const attributes = { 'http.request.method': request.method, 'http.route': route }
  const span: Span = trace
    .getTracer(NAME)
    .startSpan(`${request.method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent)
  const meter = metrics.getMeter(NAME)
  const active = meter.createUpDownCounter('http.server.active_requests')
  const startedAt = performance.now()
  active.add(1, attributes)
  return {
    run: (work) => context.with(trace.setSpan(parent, span), work),
    decided({ id, verdict, policy }) {
      span.setAttributes({
        'parapet.decision.id': id,
        'parapet.verdict': verdict,
        'parapet.policy.id': policy.id,
      })
    },
    end(status, code) {
      const ended = {
        'http.response.status_code': status,
        ...(code === undefined ? {} : { 'error.type': code }),
      }
      active.add(-1, attributes)
      meter
        .createHistogram('http.server.request.duration', { unit: 's' })
        .record((performance.now() - startedAt) / 1_000, { ...attributes, ...ended })
      span.setAttributes(ended)
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}
