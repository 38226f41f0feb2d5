import type { ReviewItem } from '@parapet/sdk'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { allItems } from './all-items.ts'
import type { Call, Verb } from './call.ts'
import { CSV_COLUMNS, toCsvLine } from './csv.ts'
import { formatOf } from './format.ts'

/** An item as a line of CSV: what it was, and what was decided; never text. */
function toCells(item: ReviewItem): Record<(typeof CSV_COLUMNS)[number], string> {
  const { decision } = item
  const rules = item.reasons.flatMap((reason) => (reason.kind === 'rule' ? [reason.rule] : []))
  const at = (ms: number | undefined) => (ms === undefined ? '' : new Date(ms).toISOString())
  return {
    id: item.id,
    contentDigest: item.contentDigest,
    outcome: decision?.outcome ?? '',
    reason: decision?.reason ?? '',
    reviewer: decision?.reviewer ?? '',
    tenant: item.tenant,
    team: item.team,
    kind: item.kind,
    state: item.state,
    policy: item.policy?.id ?? '',
    rules: [...new Set(rules)].join(' '),
    probability: item.probability === undefined ? '' : String(item.probability),
    createdAt: at(item.createdAt),
    decidedAt: at(decision?.decidedAt),
  }
}

/** An item as JSON: without text, unless it was asked for, and without the token of a claim. */
async function toJson(item: ReviewItem, { queue, reviewer, values }: Call): Promise<string> {
  const { claim: _, ...rest } = item
  if (!values.text) {
    // It was read without: no content stands for none.
    const { content: __, ...bare } = rest
    return JSON.stringify(bare)
  }
  // Text that leaves the queue was seen.
  await queue.view({ id: item.id, tenant: item.tenant, reviewer })
  return JSON.stringify(rest)
}

/** Prints items as JSON lines or CSV. */
export const exportItems: Verb = async (call) => {
  const { stdout } = call.streams
  const format = formatOf(call, undefined)
  if (format === 'csv') await print(stdout, toCsvLine(CSV_COLUMNS))
  for await (const item of allItems(call, { content: format !== 'csv' && call.values.text })) {
    if (format === 'csv') {
      const cells = toCells(item)
      await print(stdout, toCsvLine(CSV_COLUMNS.map((column) => cells[column])))
    } else await print(stdout, await toJson(item, call))
  }
  return EXIT.ok
}
