import {
  blockOf,
  type ChatMessage,
  type ReadSite,
  type Site,
  type TokenReading,
  type TokenReadRequest,
} from '@parapet/runtime'
import { z } from 'zod'
import { decodeFloats, encodeFloats } from './float-rows.ts'

/** The path of the contract, below the server's address. `docs/detectors/served-activations.md` describes it. */
export const ACTIVATIONS_PATH = '/v1/activations'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().positive()

/** What a server says of the model that it serves, before anything is read. */
export const servedModelSchema = z.object({
  model: z.object({
    id: z.string().min(1).max(300),
    sha256,
    tokenizerSha256: sha256,
    templateSha256: z.union([sha256, z.literal('none')]),
    layers: count,
    hidden: count,
  }),
})

export type ServedModelFacts = z.infer<typeof servedModelSchema>['model']

const site = z.custom<Site>((value) => typeof value === 'string' && blockOf(value) !== undefined)

/** What a server is asked. Strict: what it does not know it must not leave out of account. */
export const activationsRequestSchema = z.strictObject({
  messages: z
    .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() }))
    .min(1)
    .max(10_000),
  answer: z.string().optional(),
  sites: z
    .array(
      z.strictObject({
        site,
        position: z.union([z.literal('last'), z.literal('last-instruction'), z.int()]),
      }),
    )
    .min(1)
    .max(128),
  readings: z
    .array(
      z.strictObject({
        site,
        /** float32[hidden], as the rows. */
        weight: z.string(),
        bias: z.number(),
        dropDimensions: z.array(z.int().nonnegative()).max(65_536),
        normalise: z.enum(['none', 'l2']),
      }),
    )
    .min(1)
    .max(4)
    .optional(),
  maxTokens: count,
})

export type ActivationsRequest = z.infer<typeof activationsRequestSchema>

const answerSchema = z.object({
  /** Digest of the weights that gave this answer: a server may change its model while it runs. */
  sha256,
  /** Of prompt and answer. Absent where the text was too long to be counted. */
  tokens: count.optional(),
  /** One for each place asked for. Absent where prompt and answer were too long. */
  rows: z.array(z.string()).optional(),
  /** One for each reading asked for: a number for each token. */
  readings: z.array(z.string()).optional(),
})

export type ActivationsAnswer = z.infer<typeof answerSchema>

/** What is read of one conversation. */
export interface ActivationsAsked {
  readonly messages: readonly ChatMessage[]
  readonly sites: readonly ReadSite[]
  readonly readings?: TokenReadRequest['readings']
  readonly answer?: string
  readonly maxTokens: number
}

/** The body of a request. */
export function activationsRequest({
  messages,
  sites,
  readings,
  answer,
  maxTokens,
}: ActivationsAsked): ActivationsRequest {
  return {
    messages: messages.map(({ role, content }) => ({ role, content })),
    ...(answer === undefined ? {} : { answer }),
    sites: sites.map(({ site, position }) => ({ site, position })),
    ...(readings === undefined ? {} : { readings: readings.map(writtenReading) }),
    maxTokens,
  }
}

function writtenReading({ site, weight, bias, dropDimensions = [], normalise }: TokenReading) {
  return { site, weight: encodeFloats(weight), bias, dropDimensions: [...dropDimensions], normalise }
}

/** An answer as it was understood. */
export interface ReadAnswer {
  readonly sha256: string
  /** `undefined` where prompt and answer were too long. */
  readonly read:
    | {
        readonly tokens: number
        readonly rows: readonly Float32Array[]
        readonly readings: readonly Float32Array[]
      }
    | undefined
  readonly tokens: number | undefined
}

/**
 * Reads an answer; all its numbers are finite.
 * @returns what is wrong with it, in words, where it is not what was asked for
 */
export function readAnswer(
  json: unknown,
  { sites, readings = [], maxTokens }: ActivationsAsked,
  hidden: number,
): ReadAnswer | string {
  const parsed = answerSchema.safeParse(json)
  if (!parsed.success) return 'it is no answer of the activations contract'
  const { sha256, tokens, rows, readings: numbers = [] } = parsed.data
  if (rows === undefined) return { sha256, tokens, read: undefined }
  if (tokens === undefined) return 'it does not say how many tokens were read'
  if (tokens > maxTokens) return `it read ${tokens} tokens, and ${maxTokens} were allowed`
  if (rows.length !== sites.length) return `it has ${rows.length} rows, expected ${sites.length}`
  if (numbers.length !== readings.length)
    return `it has ${numbers.length} readings, expected ${readings.length}`
  const decoded = rows.map((text) => decodeFloats(text))
  if (!decoded.every((row) => row?.length === hidden)) return `a row is not float32[${hidden}] in base64`
  const values = numbers.map((text) => decodeFloats(text))
  if (!values.every((row) => row !== undefined && row.length <= tokens))
    return 'a reading is not float32 in base64, one number a token'
  const given = [...decoded, ...values].flatMap((row) => (row ? [row] : []))
  if (!given.every((row) => row.every(Number.isFinite))) return 'it has a number that is not finite'
  return {
    sha256,
    tokens,
    read: { tokens, rows: given.slice(0, rows.length), readings: given.slice(rows.length) },
  }
}
