import { z } from 'zod'
import type { JsonValue } from '../json/json.ts'

const json: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>
const milliseconds = z.int().min(0).max(2_592_000_000).describe('Milliseconds, at most 30 days.')

const condition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('above'), score: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('falsePositiveRate'), rate: z.number().gt(0).max(0.05) }),
  z.strictObject({ kind: z.literal('found') }),
])

const block = z.strictObject({ kind: z.literal('block') })
const hold = z.strictObject({
  kind: z.literal('hold'),
  waitMs: milliseconds.describe('How long the call waits; then it gets a ticket.'),
  withinMs: milliseconds.min(1).describe("The reviewer's deadline; then `otherwise` holds."),
  otherwise: z.enum(['allow', 'block']),
})
const redact = z.strictObject({ kind: z.literal('redact'), replacement: z.string().max(100) })
const flag = z.strictObject({ kind: z.literal('flag') })
const audit = z.strictObject({
  kind: z.literal('audit'),
  sampleRate: z
    .number()
    .gt(0)
    .max(1)
    .exactOptional()
    .describe('The share, drawn at random, that a person looks at; all where it is not stated.'),
})
const steer = z.strictObject({
  kind: z.literal('steer'),
  strength: z.number().gt(0).max(4).describe('How many times the refusal direction is added.'),
})
const allow = z.strictObject({ kind: z.literal('allow') })

const action = z.discriminatedUnion('kind', [block, hold, redact, flag, audit, steer])
const faultAction = z.discriminatedUnion('kind', [block, hold, flag, audit, allow])

const rule = z.strictObject({
  id: z.string().min(1).max(200),
  detector: z.string().min(1),
  label: z.string().min(1).optional(),
  condition,
  action,
})

const release = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('whole') }),
  z.strictObject({ kind: z.literal('window'), windowCharacters: z.int().min(2).max(1_000_000) }),
])

const stage = z.strictObject({
  rules: z.array(rule).max(500),
  onError: faultAction,
  onAbstain: faultAction,
  budgetMs: z.int().min(1).max(600_000),
  release,
})

/** The JSON form of a policy. What it cannot say (labels, windows and spans) `parsePolicy` checks besides. */
export const policyDocumentSchema = z.strictObject({
  schema: z.literal('parapet.policy/1'),
  id: z.string().min(1).max(200),
  version: z.string().min(1).max(200),
  mode: z.enum(['enforce', 'shadow']),
  detectors: z.record(
    z.string(),
    z.strictObject({
      id: z.string().min(1),
      version: z.string().min(1),
      options: z.record(z.string(), json),
    }),
  ),
  stages: z.strictObject({
    input: stage.optional(),
    toolResult: stage.optional(),
    reasoning: stage.optional(),
    toolCall: stage.optional(),
    output: stage.optional(),
  }),
  messages: z.object({ default: z.string().min(1).max(2_000) }).catchall(z.string().min(1).max(2_000)),
  limits: z.strictObject({ maxCharacters: z.int().min(1).max(100_000_000) }),
})

/** The JSON Schema (draft 2020-12) of a policy document, as published in `schema/policy.schema.json`. */
export function policyJsonSchema(): object {
  return { $id: 'parapet.policy/1', title: 'Parapet policy', ...z.toJSONSchema(policyDocumentSchema) }
}
