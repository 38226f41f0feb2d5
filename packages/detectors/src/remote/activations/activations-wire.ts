import type { ChatMessage, DecoderReading, ReadSite } from '@parapet/runtime'
import { z } from 'zod'

/** The path of the contract, below the server's address. `docs/detectors/served-activations.md` describes it. */
export const ACTIVATIONS_PATH = '/v1/activations'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** What a server says of the model that it serves, before anything is read. */
export const servedModelSchema = z.object({
  model: z.object({
    id: z.string().min(1).max(300),
    sha256,
    tokenizerSha256: sha256,
    templateSha256: sha256,
    layers: z.int().positive(),
    hidden: z.int().positive(),
  }),
})

export type ServedModelFacts = z.infer<typeof servedModelSchema>['model']

const answerSchema = z.object({
  /** Digest of the weights that gave this answer: a server may change its model while it runs. */
  sha256,
  promptTokens: z.int().positive(),
  lastInstruction: z.int().nonnegative().optional(),
  /** One for each place asked for: float32, little-endian, base64. Absent where the prompt was too long. */
  rows: z.array(z.string()).optional(),
})

/** The body of a request. */
export function activationsRequest(
  messages: readonly ChatMessage[],
  sites: readonly ReadSite[],
  { maxTokens, addGenerationPrompt = true }: { maxTokens: number; addGenerationPrompt?: boolean | undefined },
): object {
  return {
    messages: messages.map(({ role, content }) => ({ role, content })),
    sites: sites.map(({ site, position }) => ({ site, position })),
    maxTokens,
    addGenerationPrompt,
  }
}

/** An answer as it was understood, or what is wrong with it. */
export type ReadAnswer =
  | { readonly reading: DecoderReading; readonly sha256: string }
  | { readonly problem: string }

/**
 * Reads an answer. Numbers are left as they are: a reading out of them that is no number fails in the detector.
 * @param rows how many rows of float32[hidden] were asked for
 */
export function readAnswer(json: unknown, rows: number, hidden: number): ReadAnswer {
  const parsed = answerSchema.safeParse(json)
  if (!parsed.success) return { problem: 'it is no answer of the activations contract' }
  const { sha256: digest, promptTokens, lastInstruction } = parsed.data
  const given = parsed.data.rows
  if (given === undefined) return { sha256: digest, reading: { kind: 'too-long', tokens: promptTokens } }
  if (given.length !== rows) return { problem: `it has ${given.length} rows, expected ${rows}` }
  const decoded = given.map((text) => float32Row(text, hidden))
  if (decoded.some((row) => row === undefined))
    return { problem: `a row is not float32[${hidden}] in base64` }
  return {
    sha256: digest,
    reading: {
      kind: 'read',
      tokens: promptTokens,
      rows: decoded.flatMap((row) => (row ? [row] : [])),
      ...(lastInstruction === undefined ? {} : { lastInstruction }),
    },
  }
}

/** A row of little-endian float32; undefined where it has another length. */
function float32Row(text: string, hidden: number): Float32Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== hidden * 4) return undefined
  return Float32Array.from({ length: hidden }, (_, index) => bytes.readFloatLE(index * 4))
}
