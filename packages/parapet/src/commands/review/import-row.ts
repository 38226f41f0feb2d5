import { isContentOf, type NewReviewItem, REVIEW_OUTCOMES } from '@parapet/sdk'
import { z } from 'zod'
import { cliError } from '../../errors/codes.ts'
import type { Call } from './call.ts'

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
const itemRow = z.object({ key: text(512), kind: z.string(), content: z.looseObject({}) })

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

/** Takes one row. @throws PARAPET_CLI_ROW_INVALID, and what the queue refuses */
export async function importRow(row: unknown, call: Call): Promise<'decisions' | 'items'> {
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw refuse('it is no row of the format')
  if ('content' in row && !('outcome' in row)) return importItem(row, call)
  if ('outcome' in row) return importDecision(row, call)
  throw refuse('it has neither an outcome nor a content')
}

async function importDecision(row: object, call: Call): Promise<'decisions'> {
  const checked = decisionRow.safeParse(row)
  if (!checked.success) throw refuse(problemOf(checked.error))
  const { id, contentDigest, tenant, reviewer = call.reviewer, ...given } = checked.data
  const item = await call.queue.get(id)
  const expected = tenant ?? call.values.tenant
  if (!item || (expected !== undefined && item.tenant !== expected))
    throw refuse('the queue holds no such item')
  if (item.contentDigest !== contentDigest) throw refuse('its contentDigest is not the item’s')
  const { decision } = item
  // Taken before, or made here: the same again is nothing new.
  if (
    decision?.reviewer === reviewer &&
    decision.outcome === given.outcome &&
    decision.reason === given.reason
  )
    return 'decisions'
  if (call.values['dry-run']) return 'decisions'
  const claimed = await call.queue.claim({ reviewer, id })
  if (!claimed) throw refuse('the queue holds no such item')
  const { token } = claimed
  try {
    await call.queue.decide({ id, token, ...withoutUndefined(given) })
  } catch (error) {
    await call.queue.release({ id, token }).catch(() => {})
    throw error
  }
  return 'decisions'
}

async function importItem(row: object, { queue, values }: Call): Promise<'items'> {
  const checked = itemRow.safeParse(row)
  if (!checked.success) throw refuse(problemOf(checked.error))
  const given = Object.fromEntries(
    ITEM_MEMBERS.filter((name) => Object.hasOwn(row, name)).map((name) => [
      name,
      (row as Record<string, unknown>)[name],
    ]),
  ) as unknown as NewReviewItem
  if (values.tenant !== undefined && given.tenant !== values.tenant) throw refuse('it is of another tenant')
  // An approval of what stands here must not be a grant for something else.
  if (!isContentOf(given)) throw refuse('its contentDigest was not made of its content')
  if (!values['dry-run']) await queue.enqueue(given)
  return 'items'
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
