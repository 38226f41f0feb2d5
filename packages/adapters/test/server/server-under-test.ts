import { createServerApp, measurementTap, type ServerApp, type ServerOptions } from '@parapet/adapters/server'
import { createGuard, type Guard, type GuardOptions, memoryQueue, type Policy } from '@parapet/sdk'
import { recordingSink, scriptedPolicy } from '@parapet/sdk/testing'

/** A key that servers under test know, of the tenant `acme`. */
export const KEY = 'acme-key-0123456789-abcdefgh'
/** Another one, of the tenant `other`. */
export const OTHER_KEY = 'other-key-0123456789-abcdefg'

/** A server in this process, without a port, and what it is made of. */
export interface ServerUnderTest {
  readonly app: ServerApp
  readonly guard: Guard
  readonly queue: ReturnType<typeof memoryQueue>
  readonly records: ReturnType<typeof recordingSink>
  readonly faults: unknown[]
  /** Posts JSON, with the key unless the headers say otherwise. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
}

/** Makes a server that judges by what texts say (`SCRIPTED_WORDS`). */
export async function serverUnderTest(
  given: {
    readonly policy?: Policy
    readonly guard?: Partial<GuardOptions>
    readonly server?: ServerOptions
  } = {},
): Promise<ServerUnderTest> {
  const queue = memoryQueue()
  const records = recordingSink()
  const tap = measurementTap(records)
  const guard = createGuard({
    policy: given.policy ?? scriptedPolicy(),
    queue,
    records: tap.records,
    ...given.guard,
  })
  const faults: unknown[] = []
  const app = await createServerApp(guard, {
    keys: [
      { tenant: 'acme', key: KEY },
      { tenant: 'other', key: OTHER_KEY },
    ],
    queue,
    tap,
    onFault: (error) => faults.push(error),
    ...given.server,
  })
  const send = (path: string, init: RequestInit) => app.fetch(new Request(`http://localhost${path}`, init))
  return {
    app,
    guard,
    queue,
    records,
    faults,
    post: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => send(path, { headers: { authorization: `Bearer ${KEY}`, ...headers } }),
  }
}
