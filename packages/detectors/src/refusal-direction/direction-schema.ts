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
  combine: z.object({ harmfulness: finite, refusal: finite, bias: finite }),
  coverage: z.object({ languages: z.array(z.string().min(2)).min(1), maxTokens: count }),
  madeBy: z.record(z.string(), z.unknown()).optional(),
  evidence: z.record(z.string(), z.unknown()).optional(),
  /** What `parapet fit` measured when it chose the direction: see `docs/direction-file.md`. */
  fit: z.record(z.string(), z.unknown()).optional(),
})

export type DirectionMetadata = z.infer<typeof directionSchema>
/** The model that a direction was made for. */
export type DirectionModel = z.infer<typeof model>
