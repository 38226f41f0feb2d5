import type { ReviewEvent } from '../review-item.ts'
import type { StoredItem } from '../stored-item.ts'
import type { RowChange } from './review-rows.ts'

type Entry = RowChange['event']

/** Who acts when things happen by themselves. */
export const PARAPET = 'parapet'

/** An entry of the log. A member that is undefined is not there. */
export function entry(
  kind: ReviewEvent['kind'],
  at: number,
  actor: string,
  detail: Readonly<Record<string, string | number | undefined>> = {},
): Entry {
  const given = Object.entries(detail).filter(([, value]) => value !== undefined)
  return { kind, at, actor, detail: Object.fromEntries(given) as Entry['detail'] }
}

/** A change: the item with its revision one higher, and the entry for it. */
export function change(item: StoredItem, event: Entry): RowChange {
  return { item: { ...item, revision: item.revision + 1 }, event }
}

/** The item, out of everybody's hands. */
export function unclaimed({ claim: _, ...item }: StoredItem): StoredItem {
  return item
}

/** The item without any text: what stays is in no reviewer's or user's words. */
export function withoutText({ contentJson: _, given, ...item }: StoredItem): StoredItem {
  return { ...item, given: given.map(({ note: __, answer: ___, ...opinion }) => opinion) }
}

/** What the log says of a decision in effect: the outcome, its reason, and where several were asked, what each said in turn. */
export function verdictDetail({ opinions, given }: StoredItem): Readonly<Record<string, string | undefined>> {
  const { outcome, reason } = given.at(-1) ?? {}
  const each = opinions === 1 ? undefined : given.map((opinion) => opinion.outcome).join(',')
  return { outcome, reason, opinions: each }
}

/** Whether a change settled its item: waiters are told, once it is durable. */
export function settles({ item, event }: RowChange): boolean {
  if (event.kind === 'expired' || event.kind === 'effected') return true
  return event.kind === 'decided' && item.state !== 'decided'
}
