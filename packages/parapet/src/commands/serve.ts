import { measurementTap, type RunningServer, type ServeOptions, serve } from '@parapet/adapters/server'
import { closeModels } from '@parapet/detectors'
import { createGuard, environmentKeys, jsonLinesSink, type Policy } from '@parapet/sdk'
import { atMost, type Command, parse, type Streams, usage, wholeNumber } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { standardPreset } from '../presets/standard.ts'
import { readPolicy } from '../read-policy.ts'
import { queueAt } from './review/open-queue.ts'
import { faultReporter } from './serve/fault-reporter.ts'
import { readServerKeys } from './serve/read-server-keys.ts'
import { stopSignal } from './serve/stop-signal.ts'

const HELP = `parapet serve: the guard as a web server

  --policy FILE            a JSON policy, or a module whose default export is one (default: the preset "standard")
  --queue FILE             the review queue, or a postgres:// URL (default: PARAPET_QUEUE, else none); made where
                           it is not there
  --records FOLDER         where decision records go (default: none); sealed by the keys in PARAPET_RECORD_KEY
  --keys FILE              who may call: on each line a tenant, a space and a key of 24 characters or more
                           (default: the same text in PARAPET_SERVER_KEYS, else nobody but this machine)
  --host HOST              the address to listen on (default: 127.0.0.1); any other needs keys
  --port N                 (default: 8471; 0 takes a free one)
  --upstream URL           an OpenAI-compatible service, for /v1/chat/completions and /v1/responses
                           (its key: PARAPET_UPSTREAM_KEY, else what each caller sends)
  --answers WHAT           decision or verdict: what callers of /v1/check see (default: decision)
  --system-messages WHAT   judge or trust: whether texts in the role system or developer, which whoever calls can
                           pick, are judged as a user's (default: judge)
  --max-body-bytes N       the longest body (default: 4194304)
  --max-concurrent N       how many requests at once; more get 429 (default: 64)
  --max-concurrent-per-tenant N
                           how many of them one tenant may have (default: half where there are several tenants)
  --body-timeout-ms N      how long a body may take to arrive (default: 10000)
  --request-timeout-ms N   how long a request may take, a reviewer's time included (default: 600000)
  --close-timeout-ms N     how long what runs may go on after SIGTERM (default: 30000)
  --json                   the line that says where it listens as JSON

The policy is read once: start the server again to change it. SIGTERM and SIGINT let what runs finish, and refuse what is
new; a second one ends at once.

Exit status: 0 stopped; 1 failed, or something was cut off; 2 called wrongly.`

const OPTIONS = {
  policy: { type: 'string' },
  queue: { type: 'string' },
  records: { type: 'string' },
  keys: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  upstream: { type: 'string' },
  answers: { type: 'string', default: 'decision' },
  'system-messages': { type: 'string', default: 'judge' },
  'max-body-bytes': { type: 'string' },
  'max-concurrent': { type: 'string' },
  'max-concurrent-per-tenant': { type: 'string' },
  'body-timeout-ms': { type: 'string' },
  'request-timeout-ms': { type: 'string' },
  'close-timeout-ms': { type: 'string' },
} as const

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values']

/** The numbers that were given, by the server's names for them. */
const NUMBERS = {
  'max-body-bytes': { option: 'maxBodyBytes', most: 1_073_741_824 },
  'max-concurrent': { option: 'maxConcurrent', most: 100_000 },
  'max-concurrent-per-tenant': { option: 'maxConcurrentPerTenant', most: 100_000 },
  'body-timeout-ms': { option: 'bodyTimeoutMs', most: 600_000 },
  'request-timeout-ms': { option: 'requestTimeoutMs', most: 3_600_000 },
  'close-timeout-ms': { option: 'closeTimeoutMs', most: 600_000 },
} as const

async function serverOptions(values: Values): Promise<ServeOptions> {
  const { host, port, upstream, answers, 'system-messages': systemMessages } = values
  if (answers !== 'decision' && answers !== 'verdict')
    throw usage('serve', '--answers is decision or verdict.')
  if (systemMessages !== 'judge' && systemMessages !== 'trust')
    throw usage('serve', '--system-messages is judge or trust.')
  const numbers = Object.entries(NUMBERS).flatMap(([name, { option, most }]) => {
    const value = values[name as keyof typeof NUMBERS]
    return value === undefined ? [] : [[option, wholeNumber('serve', name, value, most)] as const]
  })
  const key = process.env['PARAPET_UPSTREAM_KEY']
  return {
    answers,
    systemMessages,
    keys: await readServerKeys(values.keys),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: port === '0' ? 0 : wholeNumber('serve', 'port', port, 65_535) }),
    ...(upstream === undefined ? {} : { upstream: { url: upstream, ...(key === undefined ? {} : { key }) } }),
    ...Object.fromEntries(numbers),
  }
}

/** What a server is made of, and how it is taken apart again. */
async function openGuard(policy: Policy, values: Values) {
  const path = values.queue ?? process.env['PARAPET_QUEUE']
  const queue = path === undefined ? undefined : await queueAt(path)
  const keys = environmentKeys()
  const sink =
    values.records === undefined
      ? undefined
      : jsonLinesSink({ directory: values.records, ...(keys ? { keys } : {}) })
  const tap = measurementTap(sink)
  const guard = createGuard({ policy, records: tap.records, ...(queue ? { queue } : {}) })
  return {
    guard,
    queue,
    tap,
    async close() {
      await guard.close()
      await queue?.close()
      await closeModels()
    },
  }
}

async function sayWhere(
  { url }: RunningServer,
  policy: Policy,
  json: boolean,
  { stdout }: Streams,
): Promise<void> {
  const { id, version } = policy.document
  const { policyHash } = policy
  await print(
    stdout,
    json
      ? JSON.stringify({ url, policy: { id, version, policyHash } })
      : `${id} ${version} is served on ${url}`,
  )
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('serve', args, OPTIONS)
  atMost('serve', positionals, 0)
  const options = await serverOptions(values)
  const policy = values.policy === undefined ? standardPreset() : await readPolicy(values.policy)
  const stop = stopSignal()
  const { guard, queue, tap, close } = await openGuard(policy, values)
  try {
    const onFault = faultReporter(streams.stderr)
    const server = await serve(guard, { ...options, tap, onFault, ...(queue ? { queue } : {}) })
    await sayWhere(server, policy, values.json, streams)
    await stop.asked
    return (await server.close()) ? EXIT.ok : EXIT.failed
  } finally {
    stop.forget()
    await close()
  }
}

export const command: Command = { help: HELP, run }
