import { z } from 'zod'
import { queueError } from './errors.ts'
import { REVIEW_OUTCOMES, REVIEW_STATES } from './review-item.ts'

// A store compares names byte by byte, so a name must survive storage unchanged: a lone surrogate would not.
const name = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
    .refine((value) => value.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(value), {
      error: 'expected a well-formed string without control characters',
    })

/** Goes to the log, which holds no text: so its form leaves no room for one. */
const code = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, {
  error: 'expected a short code: 1 to 64 letters, digits, ".", "_", ":" or "-"',
})

const tenant = name(512).optional()
const instant = z.int().min(0)
const leaseMs = z.int().min(1).max(86_400_000)
const handle = name(512)
const kind = z.enum(['input', 'output', 'audit'])
const priority = z.int().min(-1_000_000).max(1_000_000)
/** Names of actors that are no reviewers: in the log, nobody may pass for them. */
const reviewer = handle.refine((value) => value !== 'parapet' && value !== 'end-user', {
  error: 'expected a name other than "parapet" and "end-user"',
})

const message = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  parts: z.array(z.looseObject({ type: z.string() })),
})

/** The content of an item, in its stored form and in a caller's. */
export const reviewContent = z.strictObject({
  messages: z.array(message),
  answer: z.string().optional(),
  answerText: z.string().optional(),
  statement: z.string().max(2_000).optional(),
})

const newItem = z
  .strictObject({
    key: handle,
    kind,
    tenant: handle,
    subjectKey: handle.optional(),
    decisionId: handle,
    bindingHash: handle,
    policy: z.strictObject({ id: handle, version: handle, policyHash: handle }).optional(),
    contentDigest: handle,
    content: reviewContent,
    reasons: z.array(z.object({ kind: z.string() }).catchall(z.json().optional())),
    edits: z.array(z.object({ part: z.number() }).catchall(z.json().optional())),
    language: name(35).optional(),
    team: code.optional(),
    priority: priority.optional(),
    escalation: z.strictObject({ at: instant, team: code, priority: priority.optional() }).optional(),
    opinions: z.union([z.literal(1), z.literal(2)]).optional(),
    undoMs: z.int().min(0).max(3_600_000).optional(),
    probability: z.number().gt(0).max(1).optional(),
    deadlineAt: instant.optional(),
    otherwise: z.enum(['allow', 'block']).optional(),
    expiresAt: instant,
  })
  .refine((item) => (item.deadlineAt === undefined) === (item.otherwise === undefined), {
    path: ['otherwise'],
    error: 'expected exactly when deadlineAt is there',
  })
  .refine((item) => (item.kind === 'audit') === (item.deadlineAt === undefined), {
    path: ['deadlineAt'],
    error: 'expected for input and output, and not for audit',
  })
  .refine((item) => item.kind === 'audit' || item.probability === undefined, {
    path: ['probability'],
    error: 'expected for audits alone',
  })
  .refine((item) => item.deadlineAt === undefined || item.deadlineAt <= item.expiresAt, {
    path: ['expiresAt'],
    error: 'expected at or after deadlineAt: a reviewer needs the text until then',
  })

/** What each call of a queue takes: unknown keys are errors. */
export const ARGUMENTS = {
  enqueue: newItem,
  get: z.strictObject({ id: handle, tenant }),
  view: z.strictObject({ id: handle, reviewer, tenant }),
  list: z.strictObject({
    tenant,
    team: code.optional(),
    states: z.array(z.enum(REVIEW_STATES)).optional(),
    kind: kind.optional(),
    content: z.boolean().default(true),
    limit: z.int().min(1).max(500).default(50),
    after: z.string().max(512).optional(),
  }),
  count: z.strictObject({ tenant, team: code.optional() }),
  claim: z.strictObject({
    reviewer,
    id: handle.optional(),
    tenant,
    team: code.optional(),
    leaseMs: leaseMs.optional(),
    importedBy: reviewer.optional(),
  }),
  extend: z.strictObject({ id: handle, token: handle, tenant, leaseMs: leaseMs.optional() }),
  release: z.strictObject({ id: handle, token: handle, tenant, reason: code.optional() }),
  skip: z.strictObject({ id: handle, token: handle, tenant, reason: code }),
  decide: z
    .strictObject({
      id: handle,
      token: handle,
      tenant,
      outcome: z.enum(REVIEW_OUTCOMES),
      reason: code.optional(),
      note: z.string().max(10_000).optional(),
      answer: z.string().min(1).max(1_000_000).optional(),
      revision: z.int().min(1).optional(),
      importedBy: reviewer.optional(),
    })
    .refine(
      ({ outcome, answer }) => (outcome === 'edit' || outcome === 'answer') === (answer !== undefined),
      { path: ['answer'], error: 'expected exactly with the outcomes edit and answer' },
    ),
  undo: z.strictObject({ id: handle, token: handle, tenant }),
  offerAppeal: z.strictObject({ id: handle, tenant }),
  appeal: z.strictObject({
    token: handle,
    tenant,
    statement: z.string().max(2_000).optional(),
    withinMs: z.int().min(1).max(2_592_000_000).default(604_800_000),
  }),
  wait: z.strictObject({
    id: handle,
    tenant,
    timeoutMs: z.int().min(0).max(2_147_483_647),
    // By shape: a signal may come from another realm, or be a library's own.
    signal: z
      .custom<AbortSignal>(
        (value) => typeof (value as { aborted?: unknown } | null)?.aborted === 'boolean',
        'expected an AbortSignal',
      )
      .optional(),
  }),
  useGrant: z.strictObject({ ticket: handle, contentDigest: handle, bindingHash: handle, tenant }),
  erase: z.strictObject({ tenant: handle, subjectKey: handle }),
  events: z.strictObject({
    itemId: handle.optional(),
    tenant,
    after: z.int().min(0).default(0),
    limit: z.int().min(1).max(1_000).default(100),
  }),
} as const

type Arguments = typeof ARGUMENTS

/**
 * The checked argument of a call, defaults filled in.
 * @throws PARAPET_QUEUE_INVALID with the path and the expectation of each problem, never the value
 */
export function checkArgument<Call extends keyof Arguments>(
  call: Call,
  value: unknown,
): z.output<Arguments[Call]> {
  const checked = ARGUMENTS[call].safeParse(value)
  if (checked.success) return checked.data as z.output<Arguments[Call]>
  throw queueError('PARAPET_QUEUE_INVALID', { call, problems: problemsOf(checked.error) })
}

/**
 * Each problem as "path: expectation". A key is named only when it looks like one: where the caller spread something
 * foreign into the argument, a key may be anything.
 */
export function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.length === 0 ? 'the argument' : issue.path.map(nameable).join('.')
    if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`
    return `${path}: unknown ${issue.keys.map(nameable).join(', ')}`
  })
}

function nameable(key: PropertyKey): string {
  return /^(\d+|[A-Za-z]\w{0,31})$/.test(String(key)) ? String(key) : '(a key that is no name)'
}
