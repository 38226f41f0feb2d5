import { STAGES } from '@parapet/sdk'
import { z } from 'zod'

const text = z.string()
/** An id as the sdk takes it; what is none is refused there, with its place. */
const id = z.string().min(1).max(300)

/** A message as the sdk writes it. */
export const messageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.union([
    text,
    z.array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text'), text }),
        z.strictObject({ type: z.literal('reasoning'), text }),
        z.strictObject({ type: z.literal('tool-call'), toolCallId: text, toolName: text, input: text }),
        z.strictObject({
          type: z.literal('tool-result'),
          toolCallId: text,
          toolName: text,
          output: text,
          json: z.boolean(),
        }),
        z.strictObject({ type: z.literal('media'), mediaType: text }),
      ]),
    ),
  ]),
})

/** Whom a request is for. The tenant is the key's. */
export const contextSchema = z
  .strictObject({ subjectKey: id.optional(), requestId: id.optional(), locale: id.optional() })
  .describe('Whom the request is for. The tenant is that of the key.')

const offsets = { start: z.int().min(0), end: z.int().min(0), replacement: text }

/** What a caller sees of a decision when `answers` is `verdict`. */
export const verdictSchema = z.object({
  id,
  verdict: z.enum(['allow', 'hold', 'block']),
  edits: z.array(z.object(offsets)).describe('Offsets are UTF-16 units, end exclusive.'),
})

/** A decision, whole. */
export const decisionSchema = z.object({
  ...verdictSchema.shape,
  effective: z.enum(['allow', 'hold', 'block', 'steer']),
  edits: z.array(z.object({ ...offsets, part: z.int(), label: text, rule: text })),
  duties: z.array(z.object({ kind: z.enum(['flag', 'audit']), rule: text })),
  reasons: z.array(
    z.looseObject({ kind: z.enum(['rule', 'failed', 'abstained']), stage: z.enum(STAGES), detector: text }),
  ),
  hold: z
    .object({ waitMs: z.number(), withinMs: z.number(), otherwise: z.enum(['allow', 'block']) })
    .optional(),
  steer: z.object({ strength: z.number() }).optional(),
  policy: z.object({ id: text, version: text, policyHash: text, bindingHash: text }),
  contentDigest: text,
  elapsedMs: z.number(),
})

/** An error, in the form that OpenAI's clients read. */
export const errorSchema = z.object({
  error: z.object({ message: text, type: text, param: z.null(), code: text }),
})
