import {
  isContentOf,
  memoryQueue,
  type NewReviewItem,
  REVIEW_OUTCOMES,
  type ReviewItem,
  type ReviewQueue,
} from '@parapet/sdk'
import { z } from 'zod'
import { cliError } from '../../errors/codes.ts'
import type { Call } from './call.ts'
import { type GivenDecision, requireTakeable } from './require-takeable.ts'

const text = (most: number) => z.string().min(1).max(most)

/** A decision that was made elsewhere. What else an export has is not read. */
const decisionRow = z.object({
  id: text(512),
  /** Says which content was judged: an id alone could be mistaken, or meant to mislead. */
  contentDigest: text(512),
  outcome: z.enum(REVIEW_OUTCOMES),
  tenant: text(512).optional(),
  reviewer: text(512).optional(),
  reason: text(64).optional(),
  note: text(10_000).optional(),
  answer: text(1_000_000).optional(),
  revision: z.int().min(1).optional(),
})

/** An item of another queue, as its export has it with `--text`. */
const itemRow = z.object({
  key: text(512),
  kind: z.string(),
  content: z.looseObject({}),
  state: z.string().optional(),
})

/** An item that nobody decided, as an export has it: nothing of it is to be taken. */
const undecidedRow = z.object({
  id: text(512),
  contentDigest: text(512),
  state: z.enum(['open', 'claimed', 'expired']),
})

/** What a new item has of an exported one. */
const ITEM_MEMBERS = [
  'key',
  'kind',
  'tenant',
  'subjectKey',
  'decisionId',
  'bindingHash',
  'policy',
  'contentDigest',
  'content',
  'reasons',
  'edits',
  'language',
  'team',
  'priority',
  'escalation',
  'opinions',
  'undoMs',
  'probability',
  'deadlineAt',
  'otherwise',
  'expiresAt',
] as const

const refuse = (problem: string) => cliError('PARAPET_CLI_ROW_INVALID', { problem })

/**
 * What a row was: `stricter` is an item that would have let pass what nobody decides, and now blocks it; `undecided` is one of
 * which nothing is to be taken.
 */
type Taken = 'decisions' | 'items' | 'stricter' | 'undecided'

type Importer = (row: unknown) => Promise<Taken>

/** Takes rows, one after the other. Each throws PARAPET_CLI_ROW_INVALID, and what the queue refuses. */
export function rowImporter(call: Call): Importer {
  // What a dry run would have taken: what a later row is checked against.
  const tried = { queue: memoryQueue(), decisions: new Map<string, string>() }
  return async (row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw refuse('it is no row of the format')
    const decision = decisionIn(row)
    if (decision) return importDecision(decision, call, tried.decisions)
    if ('content' in row) return importItem(row, call, tried.queue)
    if (undecidedRow.safeParse(row).success) return 'undecided'
    throw refuse('it has neither an outcome nor a content')
  }
}

/** The decision that a row has: beside its id, as CSV has it, or in `decision`, as an export's JSON lines do. */
function decisionIn(row: object): object | undefined {
  if ('outcome' in row) return row
  const { id, contentDigest, tenant, decision } = row as Record<string, unknown>
  if (typeof decision !== 'object' || decision === null) return undefined
  // Without the row's revision: that is the decided item's, and the decision was made about one before.
  return { ...decision, id, contentDigest, tenant, revision: undefined }
}

async function importDecision(row: object, call: Call, tried: Map<string, string>): Promise<'decisions'> {
  const checked = decisionRow.safeParse(row)
  if (!checked.success) throw refuse(problemOf(checked.error))
  const { id, contentDigest, tenant, reviewer = call.reviewer, ...rest } = checked.data
  const expected = tenant ?? call.values.tenant
  const scope = expected === undefined ? {} : { tenant: expected }
  const item = await call.queue.get(id, scope)
  if (!item) throw refuse('the queue holds no such item')
  if (item.contentDigest !== contentDigest) throw refuse('its contentDigest is not the item’s')
  const given = { ...withoutUndefined(rest), id, reviewer }
  if (isTaken(item, given)) return 'decisions'
  await requireTakeable(item, given, call)
  if (call.values['dry-run']) return tryDecision(item, JSON.stringify(given), tried)
  const importedBy = call.reviewer
  const claimed = await call.queue.claim({ reviewer, id, importedBy, ...scope })
  if (!claimed) throw refuse('the queue holds no such item')
  const { token, item: taken } = claimed
  const isUnchanged = taken.revision === item.revision + 1
  const { reviewer: _, revision, ...decision } = given
  try {
    await call.queue.decide({
      ...decision,
      ...scope,
      token,
      importedBy,
      // The claim made one more.
      ...(revision !== undefined && { revision: revision + 1 }),
    })
  } catch (error) {
    // Only the claim that was made here: one that was there is its reviewer's.
    if (item.claim === undefined && isUnchanged) await call.queue.release({ id, token }).catch(() => {})
    throw error
  }
  return 'decisions'
}

/** Whether it was decided just so: taken before, or made here. The words count where the row has them. */
function isTaken({ decision, erasedAt }: ReviewItem, given: GivenDecision): boolean {
  if (decision?.reviewer !== given.reviewer || decision.outcome !== given.outcome) return false
  if (decision.reason !== given.reason) return false
  if (erasedAt !== undefined) return true
  return (['note', 'answer'] as const).every(
    (name) => given[name] === undefined || given[name] === decision[name],
  )
}

function tryDecision({ id, opinions }: ReviewItem, given: string, tried: Map<string, string>): 'decisions' {
  const before = tried.get(id)
  if (opinions === 1 && before !== undefined && before !== given)
    throw refuse('a row before it decides the item otherwise')
  tried.set(id, given)
  return 'decisions'
}

async function importItem(row: object, { queue, values }: Call, tried: ReviewQueue): Promise<Taken> {
  const checked = itemRow.safeParse(row)
  if (!checked.success) throw refuse(problemOf(checked.error))
  const given = Object.fromEntries(
    ITEM_MEMBERS.filter((name) => Object.hasOwn(row, name)).map((name) => [
      name,
      (row as Record<string, unknown>)[name],
    ]),
  ) as unknown as NewReviewItem
  if (values.tenant !== undefined && given.tenant !== values.tenant) throw refuse('it is of another tenant')
  // What expired there must not be open here, and nor must what was rejected.
  if (checked.data.state === 'expired') return 'undecided'
  if (!['open', 'claimed', undefined].includes(checked.data.state)) throw refuse('it is decided already')
  // It would expire at once, and what follows may be leave to do what was held.
  if ((given.deadlineAt ?? given.expiresAt) <= Date.now()) throw refuse('its deadline has passed')
  // An approval of what stands here must not be a grant for something else.
  if (!isContentOf(given)) throw refuse('its contentDigest was not made of its content')
  // Whoever wrote the file must not let things through by waiting: what nobody decides here, blocks.
  const isLenient = given.otherwise === 'allow'
  await (values['dry-run'] ? tried : queue).enqueue(isLenient ? { ...given, otherwise: 'block' } : given)
  return isLenient ? 'stricter' : 'items'
}

function withoutUndefined<Shape extends object>(shape: Shape) {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Shape]: Exclude<Shape[Key], undefined>
  }
}

/** The first problem: the place and what was expected, never the value. */
function problemOf({ issues: [issue] }: z.ZodError): string {
  const place = issue?.path.map(String).join('.') ?? ''
  return `${place === '' ? 'the row' : place}: ${issue?.message ?? 'malformed'}`
}
