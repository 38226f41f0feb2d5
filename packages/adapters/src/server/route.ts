import type { Decision, Guard } from '@parapet/sdk'
import type { z } from 'zod'
import type { GuardedUpstream } from './guarded-upstream.ts'
import type { ResolvedServerOptions } from './options.ts'

/** One request on its way through a route. */
export interface Call {
  readonly request: Request
  /** Of the path, e.g. `{ ticket }`. */
  readonly parameters: Readonly<Record<string, string>>
  readonly guard: Guard
  readonly options: ResolvedServerOptions
  /** Of the caller's key; undefined where the server has no keys. */
  readonly tenant: string | undefined
  /** The caller's own Authorization, for the upstream. */
  readonly authorization: string | undefined
  /** The way to the upstream; undefined where there is none. */
  readonly upstream: GuardedUpstream | undefined
  /** Aborts when the caller goes away, when the time is up, and when the server has to end. */
  readonly signal: AbortSignal
  /** The body, as JSON held to a schema. @throws PARAPET_SERVER_BODY_… */
  json<Schema extends z.ZodType>(schema: Schema): Promise<z.infer<Schema>>
  /** Names a decision in the telemetry. */
  decided(decision: Pick<Decision, 'id' | 'verdict' | 'policy'>): void
}

/** What a body is, for the OpenAPI document. */
export interface BodyType {
  readonly type: 'application/json' | 'application/x-ndjson' | 'text/event-stream'
  /** Of the JSON, or of each line. */
  readonly schema: z.ZodType
}

/** One route: plain data, from which the server and its OpenAPI document are made. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** As OpenAPI writes it: `/v1/tickets/{ticket}`. */
  readonly path: string
  readonly id: string
  readonly summary: string
  /** Answers everybody, without a key and however busy the server is. @default false */
  readonly open?: boolean
  readonly query?: readonly string[]
  readonly body?: BodyType
  readonly answers: readonly BodyType[]
  handle(call: Call): Promise<Response>
}

/** Gives a route its types. */
export const route = (route: Route): Route => route
