import { blockOf, type Site } from '@parapet/runtime'
import { z } from 'zod'

/** The form of a direction file's metadata, documented in `docs/direction-file.md`. */
export const DIRECTION_SCHEMA = 'parapet.direction/1'

const finite = z.number()
const count = z.int().positive()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const site = z.custom<Site>(
  (value) => typeof value === 'string' && blockOf(value) !== undefined,
  'expected blocks.L.hook_resid_pre',
)
const position = z.union([z.literal('last'), z.literal('last-instruction'), z.int()])
const place = z.object({ site, position })

const reading = z.object({
  /** Where it is read; row i of the tensors belongs to place i. */
  sites: z.array(place).min(1).max(64),
  transform: z.object({
    /** Massive dimensions, left out before anything else is computed. */
    dropDimensions: z.array(z.int().nonnegative()).default([]),
    normalise: z.enum(['none', 'l2', 'standardise']),
  }),
  scale: finite,
  bias: finite,
})

/** A reading of every token of a text: the highest mean of `windowTokens` neighbours is what counts. */
const tokens = z.object({
  site,
  transform: z.object({
    dropDimensions: z.array(z.int().nonnegative()).default([]),
    normalise: z.enum(['none', 'l2']),
  }),
  windowTokens: count.max(512),
  scale: finite,
  bias: finite,
})
/** Of an answer, in the context of its prompt: its own logit and that of the prompt, joined. */
const answer = tokens.extend({ combine: z.object({ answer: finite, prompt: finite, bias: finite }) })
/** How the combined logit of a text of at most `upToTokens` tokens (the last piece: of any) is brought to one scale. */
const lengthPiece = z.object({ upToTokens: count.optional(), scale: finite.positive(), bias: finite })
const model = z.object({
  id: z.string().min(1),
  sha256,
  tokenizerSha256: sha256,
  templateSha256: sha256,
  layers: count,
  hidden: count.max(65_536),
})

export const directionSchema = z.object({
  schema: z.literal(DIRECTION_SCHEMA),
  id: z.string().min(1),
  version: z.string().min(1),
  model,
  /** Where the direction itself was read, for the lab and for steering. */
  direction: place,
  readings: z.object({ harmfulness: reading, refusal: reading }),
  /** Of the last user message, read token by token: what stands early in a long text. */
  tokens: tokens.optional(),
  /** Of what the model answered. Without it, answers are not covered. */
  answer: answer.optional(),
  combine: z.object({ harmfulness: finite, refusal: finite, tokens: finite.default(0), bias: finite }),
  byLength: z
    .array(lengthPiece)
    .min(1)
    .max(16)
    .refine(
      (pieces) =>
        pieces.every(({ upToTokens }, i) =>
          i === pieces.length - 1
            ? upToTokens === undefined
            : upToTokens !== undefined && upToTokens > (pieces[i - 1]?.upToTokens ?? 0),
        ),
      'expected rising lengths, and none at the last piece',
    )
    .optional(),
  coverage: z.object({ languages: z.array(z.string().min(2)).min(1), maxTokens: count }),
  madeBy: z.record(z.string(), z.unknown()).optional(),
  evidence: z.record(z.string(), z.unknown()).optional(),
  /** What `parapet fit` measured when it chose the direction: see `docs/direction-file.md`. */
  fit: z.record(z.string(), z.unknown()).optional(),
})

export type DirectionMetadata = z.infer<typeof directionSchema>
/** The model that a direction was made for. */
export type DirectionModel = z.infer<typeof model>
