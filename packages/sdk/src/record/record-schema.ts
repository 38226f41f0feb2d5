import { z } from 'zod'
import { ABSTAIN_REASONS } from '../detector/measurement.ts'
import { STAGES } from '../subject/stage.ts'
import type { DecisionRecord, RecordBody } from './decision-record.ts'

/** A fault's code, as records hold it. Never a sentence: that could carry a user's text. */
export const FAULT_CODE = /^[A-Za-z0-9_.:-]{1,100}$/

const name = z.string().min(1).max(300)
const code = z.string().regex(FAULT_CODE)
const stage = z.enum(STAGES)
const verdict = z.enum(['allow', 'hold', 'block'])
const offset = z.int().min(0)
const score = z.number().min(0).max(1)
const scores = z.record(name, score)
const milliseconds = z.number().min(0)
const epochMs = z.number().min(0)
/** `<scheme or salt>:<hex>`: a hash, a keyed digest, or a salted one. */
const digest = z.string().regex(/^[a-z0-9-]{1,64}:[0-9a-f]{64}$/)
const sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const hex64 = z.string().regex(/^[0-9a-f]{64}$/)
const abstainReason = z.enum(ABSTAIN_REASONS)
const span = { label: name, start: offset, end: offset }

const outcome = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scored'), scores, spans: z.array(z.strictObject(span)).exactOptional() }),
  z.strictObject({ kind: z.literal('abstained'), reason: abstainReason, scores: scores.exactOptional() }),
  z.strictObject({ kind: z.literal('failed'), code }),
  z.strictObject({ kind: z.literal('skipped') }),
])

const part = z.strictObject({
  part: offset,
  stage,
  digest,
  characters: offset,
  window: z.strictObject({ start: offset, end: offset }).exactOptional(),
  media: z.string().max(255).exactOptional(),
  empty: z.literal(true).exactOptional(),
  json: z.literal(true).exactOptional(),
  joins: z.strictObject({ first: offset, last: offset }).exactOptional(),
  fault: code.exactOptional(),
  outcomes: z.record(name, outcome),
  elapsedMs: z.record(name, z.union([milliseconds, z.literal('cached')])),
})

const place = { part: offset, stage, detector: name, action: name }
const reason = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rule'),
    ...place,
    rule: name,
    label: name,
    score,
    threshold: z.number(),
  }),
  z.strictObject({ kind: z.literal('failed'), ...place, code }),
  z.strictObject({ kind: z.literal('abstained'), ...place, reason: abstainReason }),
])

const decision = z.strictObject({
  id: name,
  verdict,
  effective: z.enum(['allow', 'hold', 'block', 'steer']),
  edits: z.array(z.strictObject({ ...span, part: offset, replacement: z.string().max(1_000), rule: name })),
  duties: z.array(
    z.strictObject({
      kind: z.enum(['flag', 'audit']),
      rule: name,
      sampleRate: z.number().gt(0).max(1).exactOptional(),
    }),
  ),
  reasons: z.array(reason),
  hold: z
    .strictObject({ waitMs: milliseconds, withinMs: milliseconds, otherwise: z.enum(['allow', 'block']) })
    .exactOptional(),
  steer: z.strictObject({ strength: z.number().gt(0).max(4) }).exactOptional(),
  policy: z.strictObject({ id: name, version: name, policyHash: sha256, bindingHash: sha256 }),
  contentDigest: digest,
  elapsedMs: milliseconds,
})

const release = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('whole') }),
  z.strictObject({ kind: z.literal('window'), windowCharacters: z.int().min(1) }),
])

const binding = z.strictObject({
  detectors: z.record(
    name,
    z.strictObject({ id: name, version: name, options: sha256, digest: name.exactOptional() }),
  ),
  rates: z.record(name, z.strictObject({ detector: name, label: name, rate: z.number().gt(0).max(1) })),
  stages: z.strictObject({
    input: release.exactOptional(),
    toolResult: release.exactOptional(),
    reasoning: release.exactOptional(),
    toolCall: release.exactOptional(),
    output: release.exactOptional(),
  }),
  maxCharacters: z.int().min(1),
})

const keyId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)

const decisionBody = {
  kind: z.literal('decision'),
  decision,
  parts: z.array(part),
  complete: z.boolean(),
  thresholds: z.record(name, z.number()),
  binding,
  mode: z.enum(['enforce', 'shadow']),
  grant: z.strictObject({ ticket: name }).exactOptional(),
  tenant: name,
  subjectDigest: digest.exactOptional(),
  keyId,
  expiresAt: epochMs,
}

const holdEndBody = {
  kind: z.literal('hold-end'),
  decisionId: name,
  tenant: name,
  end: z.strictObject({
    ticket: name,
    outcome: z.enum(['approved', 'rejected', 'expired', 'ticket-given']),
    reviewer: name.exactOptional(),
  }),
  expiresAt: epochMs,
}

const tornLineBody = { kind: z.literal('torn-line'), bytes: z.int().min(1), digest: sha256 }

const link = {
  schema: z.literal('parapet.record/1'),
  writer: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  sequence: z.int().min(0),
  at: epochMs,
  previous: hex64,
  hash: hex64,
  seal: z
    .string()
    .regex(/^hmac-sha256:[A-Za-z0-9._-]{1,64}:[0-9a-f]{64}$/)
    .exactOptional(),
}

/** What a guard hands to a sink. Unknown fields are refused: no text can ride along. */
export const recordBodySchema: z.ZodType<RecordBody> = z.discriminatedUnion('kind', [
  z.strictObject(decisionBody),
  z.strictObject(holdEndBody),
])

/** One line of the log, schema `parapet.record/1`. */
export const recordSchema: z.ZodType<DecisionRecord> = z.discriminatedUnion('kind', [
  z.strictObject({ ...decisionBody, ...link }),
  z.strictObject({ ...holdEndBody, ...link }),
  z.strictObject({ ...tornLineBody, ...link }),
])

/** The first thing that is wrong: its place and zod's code, never its value. Keys that are not ours are cut out. */
export function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues
  if (!issue) return 'unknown'
  const path = issue.path
    .map((key) => (typeof key === 'string' && !OWN_KEYS.has(key) ? '*' : String(key)))
    .join('.')
  return `${path === '' ? 'the record' : path} (${issue.code})`
}

const OWN_KEYS = new Set([
  ...Object.keys({ ...decisionBody, ...holdEndBody, ...tornLineBody, ...link }),
  ...Object.keys({ ...decision.shape, ...part.shape, ...binding.shape, ...place, ...span }),
  ...[
    'reason',
    'rule',
    'code',
    'score',
    'threshold',
    'scores',
    'spans',
    'ticket',
    'outcome',
    'reviewer',
    'replacement',
  ],
])

/** The JSON Schema (draft 2020-12) of a line. */
export function recordJsonSchema(): object {
  return { $id: 'parapet.record/1', title: 'Parapet decision record', ...z.toJSONSchema(recordSchema) }
}
