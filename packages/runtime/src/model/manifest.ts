import { z } from 'zod'

/** The form of a model package's `manifest.json`. */
export const MANIFEST_SCHEMA = 'parapet.model/1'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().positive()
const tokenId = z.int().nonnegative()
/** A file of the package itself: a plain name, so that a manifest cannot point out of its folder. */
const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)

const shared = {
  schema: z.literal(MANIFEST_SCHEMA),
  id: z.string().min(1),
  version: z.string().min(1),
  licence: z.string().min(1),
  files: z.record(fileName, z.object({ sha256, bytes: z.int().nonnegative() })),
}

export const encoderManifestSchema = z.object({
  ...shared,
  kind: z.literal('encoder'),
  /** Output name → its labels, in the order of the logits, and how the windows of a long text become one row. */
  outputs: z.record(
    z.string(),
    z.object({
      labels: z.array(z.string().min(1)).min(1),
      aggregate: z.enum(['maximum', 'mean-of-logits']).optional(),
    }),
  ),
  /** Tokens that one pass reads at most, special tokens included. */
  windowTokens: count,
  /** Tokens from the start of a window to the start of the next. */
  strideTokens: count,
})

export const decoderManifestSchema = z.object({
  ...shared,
  kind: z.literal('decoder'),
  /** The token ids that end an answer, and the one that a text opens with, where the model wants one. */
  chat: z.object({ eosTokenIds: z.array(tokenId).min(1), bosTokenId: tokenId.optional() }),
  layers: count,
  hidden: count,
  vocabulary: count,
  kvHeads: count,
  headSize: count,
  /** Tokens that prompt and answer together may have. */
  contextTokens: count,
})

export const manifestSchema = z.discriminatedUnion('kind', [encoderManifestSchema, decoderManifestSchema])

export type EncoderManifest = z.infer<typeof encoderManifestSchema>
export type DecoderManifest = z.infer<typeof decoderManifestSchema>
export type Manifest = EncoderManifest | DecoderManifest
