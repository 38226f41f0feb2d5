import type { StoredItems } from './read-store.ts'

/** What is held against a queue. */
export interface Account {
  /** Enqueues and decisions that a process was told are done. */
  readonly acknowledged: number
  /** Of these, how many are not in the store as they were acknowledged. */
  readonly lost: number
  /** Items of which two claims were told that theirs decided, or whose log says so. */
  readonly decidedTwice: number
  /** Items that nobody has decided, and that nothing has settled. */
  readonly stuck: number
  /** Items that were given to somebody while they were another's. */
  readonly claimedTwice: number
}

const SETTLED = ['approved', 'rejected', 'expired']

/** Compares the lines of processes (`SAID`) with what the store holds in the end. */
export function accountFor(lines: readonly string[], stored: StoredItems): Account {
  const told = lines.map((line) => line.split(' '))
  const acknowledged = told.filter(([what]) => what === 'enqueued' || what === 'decided')
  const twice = new Set([
    ...decidedTwice(told),
    ...[...stored].filter(([, { decisions }]) => decisions > 1).map(([id]) => id),
  ])
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((line) => !isKept(line, stored)).length,
    decidedTwice: twice.size,
    stuck: [...stored.values()].filter(({ state }) => !SETTLED.includes(state)).length,
    claimedTwice: claimedTwice(told).length,
  }
}

function isKept([what, id = '', detail, digest]: readonly string[], stored: StoredItems): boolean {
  const item = stored.get(id)
  if (!item) return false
  if (what === 'enqueued') return item.key === detail && item.digest === digest
  const state = detail === 'approve' ? 'approved' : 'rejected'
  return item.state === state && item.outcomes.length === 1 && item.outcomes[0] === detail
}

/** Each decision of a process is told to it once: two tellings are two decisions, whatever the log says. */
function decidedTwice(told: readonly (readonly string[])[]): readonly string[] {
  const decided = told.filter(([what]) => what === 'decided')
  const each = Map.groupBy(decided, ([, id = '']) => id)
  return [...each].filter(([, tellings]) => tellings.length > 1).map(([id]) => id)
}

/** Who is told of a claim before an earlier lease ends has the item together with another. */
function claimedTwice(told: readonly (readonly string[])[]): readonly string[] {
  const claims = told
    .filter(([what]) => what === 'claimed')
    .map(([, id = '', token, at, until]) => ({ id, token, at: Number(at), until: Number(until) }))
    .toSorted((one, other) => one.at - other.at)
  const each = Map.groupBy(claims, ({ id }) => id)
  return [...each]
    .filter(([, ofItem]) =>
      ofItem.some(({ token, at }, index) =>
        ofItem.slice(0, index).some((earlier) => earlier.token !== token && at < earlier.until),
      ),
    )
    .map(([id]) => id)
}
