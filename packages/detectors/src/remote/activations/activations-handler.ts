import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  type DecoderModel,
  type DecoderModelFolder,
  isRuntimeError,
  type ModelHost,
  type TokenReading,
} from '@parapet/runtime'
import { templateDigest } from '../../refusal-direction/check-direction.ts'
import { modelDigest } from '../../refusal-direction/model-digest.ts'
import { resolveModelOptions } from '../../weights/model-options.ts'
import { openWeightsFolder } from '../../weights/open-weights.ts'
import { checkOptions, functionOption, textOption, wholeNumber } from '../service/option-check.ts'
import {
  type ActivationsAnswer,
  type ActivationsRequest,
  activationsRequestSchema,
  type ServedModelFacts,
} from './activations-wire.ts'
import { decodeFloats, encodeFloats } from './float-rows.ts'
import { readBody } from './read-body.ts'

/** How a chat model's activations are served. */
export interface ActivationsHandlerOptions {
  /** The chat model: a package's name, or a folder. */
  readonly weights: string
  /** The host that it runs in; you close it. */
  readonly host: ModelHost
  /** Gives the key that callers must send as a bearer token. @default none: whoever reaches the server may read */
  readonly key?: () => string | Promise<string>
  /** The largest body that is read, in bytes. @default 4194304 */
  readonly maxBodyBytes?: number
}

const ID = 'activationsHandler'
const DEFAULT_BODY_BYTES = 4 * 1024 * 1024
/** Faults of a request, not of the server: asked again they come again. */
const REFUSED = [
  'PARAPET_RUNTIME_REQUEST_INVALID',
  'PARAPET_MODEL_SITE_UNKNOWN',
  'PARAPET_MODEL_POSITION_UNKNOWN',
  'PARAPET_MODEL_TEMPLATE_REFUSED',
]

interface Served {
  readonly model: DecoderModel
  readonly facts: ServedModelFacts
}

/**
 * Serves the activations of a chat model by the contract of `docs/detectors/served-activations.md`: a function from request to
 * response, for any server that speaks the web's types (Hono, `@hono/node-server`, Bun, Deno). It answers GET and POST; the
 * path is yours. Errors carry a code and nothing of a request.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`
 */
export function activationsHandler(
  options: ActivationsHandlerOptions,
): (request: Request) => Promise<Response> {
  checkOptions(
    ID,
    options,
    {
      weights: textOption('a package name or a folder'),
      host: { valid: (value) => typeof value === 'object' && value !== null, expected: 'a model host' },
      key: functionOption('a function that gives the key'),
      maxBodyBytes: wholeNumber(1024, 1024 ** 3),
    },
    ['weights', 'host'],
  )
  const { weights, host } = resolveModelOptions(
    ID,
    { weights: options.weights, host: options.host },
    options.weights,
  )
  const { key, maxBodyBytes = DEFAULT_BODY_BYTES } = options
  const secret = randomBytes(32)
  const digest = (text: string) => createHmac('sha256', secret).update(text).digest()
  let opening: Promise<Served> | undefined

  async function open(): Promise<Served> {
    const folder = await openWeightsFolder(weights, 'decoder')
    return { model: (host ?? options.host).decoder(folder), facts: await factsOf(folder) }
  }

  /** Opens once; a failure is not remembered. */
  function opened(): Promise<Served> {
    opening ??= open()
    const attempt = opening
    attempt.catch(() => {
      if (opening === attempt) opening = undefined
    })
    return attempt
  }

  async function allowed(request: Request): Promise<boolean> {
    if (key === undefined) return true
    const given = request.headers.get('authorization') ?? ''
    return timingSafeEqual(digest(given), digest(`Bearer ${await key()}`))
  }

  return async (request) => {
    try {
      if (!(await allowed(request))) return refusal(401, 'unauthorized')
      if (request.method === 'GET') return json(200, { model: (await opened()).facts })
      if (request.method !== 'POST') return refusal(405, 'method')
      const parsed = activationsRequestSchema.safeParse(await readBody(request, maxBodyBytes))
      if (!parsed.success) return refusal(422, 'request')
      const asked = readingsOf(parsed.data)
      if (asked === undefined) return refusal(422, 'readings')
      return json(200, await answer(await opened(), parsed.data, asked, request.signal))
    } catch (error) {
      const code = isRuntimeError(error) ? error.code : 'internal'
      if (REFUSED.includes(code)) return refusal(422, code)
      return code === 'PARAPET_RUNTIME_OVERLOADED'
        ? refusal(503, code, { 'retry-after': '1' })
        : refusal(500, code)
    }
  }
}

async function factsOf(folder: DecoderModelFolder): Promise<ServedModelFacts> {
  const { id, files, layers, hidden } = folder.manifest
  return {
    id,
    sha256: modelDigest(folder.manifest),
    tokenizerSha256: files['tokenizer.json']?.sha256 ?? 'not listed',
    templateSha256: await templateDigest(folder),
    layers,
    hidden,
  }
}

/** The readings that are asked for, if any; undefined where a weight is no float32, or an answer comes without them. */
function readingsOf({ readings, answer }: ActivationsRequest): TokenReading[] | undefined {
  if (readings === undefined) return answer === undefined ? [] : undefined
  const decoded = readings.map(({ weight, ...reading }) => ({ ...reading, weight: decodeFloats(weight) }))
  const whole = decoded.flatMap(({ weight, ...reading }) => (weight ? [{ ...reading, weight }] : []))
  return whole.length === readings.length ? whole : undefined
}

async function answer(
  { model, facts }: Served,
  { messages, sites, answer: written, maxTokens }: ActivationsRequest,
  readings: readonly TokenReading[],
  signal: AbortSignal,
): Promise<ActivationsAnswer> {
  const asked = { messages, sites, maxTokens, signal }
  const read =
    readings.length === 0
      ? await model.read(asked)
      : await model.readTokens({ ...asked, readings, ...(written === undefined ? {} : { answer: written }) })
  const counted = read.tokens === undefined ? {} : { tokens: read.tokens }
  if (read.kind === 'too-long') return { sha256: facts.sha256, ...counted }
  const rows = read.rows.map(encodeFloats)
  const numbers = 'readings' in read ? { readings: read.readings.map(encodeFloats) } : {}
  return { sha256: facts.sha256, ...counted, rows, ...numbers }
}

function json(status: number, body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json(status, { error: { code } }, headers)
}
