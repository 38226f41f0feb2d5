import { describe, expect, it } from '@jest/globals'
import { accountFor } from '../../bench/chaos/account-for.ts'
import { digestOf } from '../../bench/chaos/digest-of.ts'
import type { StoredItem } from '../../bench/chaos/read-store.ts'
import { SAID } from '../../bench/chaos/said-lines.ts'

const SENT = digestOf([{ role: 'user', parts: [{ type: 'text', text: 'May I?' }] }])
const APPROVED: StoredItem = {
  key: 'k1',
  state: 'approved',
  outcomes: ['approve'],
  digest: SENT,
  decisions: 1,
}
const LINES = [
  SAID.enqueued('i1', 'k1', SENT),
  SAID.claimed('i1', { token: 't1', at: 1_000, until: 2_000 }),
  SAID.decided('i1', 'approve', 't1'),
]
const CLEAN = { acknowledged: 2, lost: 0, decidedTwice: 0, stuck: 0, claimedTwice: 0 }

function store(changes: Partial<StoredItem> = {}): ReadonlyMap<string, StoredItem> {
  return new Map([['i1', { ...APPROVED, ...changes }]])
}

describe('accountFor', () => {
  it('holds nothing against a store that has what was acknowledged', () => {
    expect(accountFor(LINES, store())).toEqual(CLEAN)
  })

  it('finds an item that is not there', () => {
    expect(accountFor(LINES, new Map())).toEqual({ ...CLEAN, lost: 2 })
  })

  it('finds a text that is gone, or another than was sent', () => {
    const other = digestOf([{ role: 'user', parts: [{ type: 'text', text: 'May we?' }] }])

    expect(accountFor(LINES, store({ digest: undefined }))).toEqual({ ...CLEAN, lost: 1 })
    expect(accountFor(LINES, store({ digest: other }))).toEqual({ ...CLEAN, lost: 1 })
  })

  it('finds a decision that does not stand', () => {
    const rejected = store({ state: 'rejected', outcomes: ['reject'] })
    const expired = store({ state: 'expired', outcomes: [] })

    expect(accountFor(LINES, rejected)).toEqual({ ...CLEAN, lost: 1 })
    expect(accountFor(LINES, expired)).toEqual({ ...CLEAN, lost: 1 })
  })

  it('finds two who were told that theirs decided, though the log has one decision', () => {
    const lines = [
      ...LINES,
      SAID.claimed('i1', { token: 't2', at: 2_500, until: 3_500 }),
      SAID.decided('i1', 'approve', 't2'),
    ]

    expect(accountFor(lines, store())).toEqual({ ...CLEAN, acknowledged: 3, decidedTwice: 1 })
  })

  it('finds two decisions in the log', () => {
    expect(accountFor(LINES, store({ decisions: 2 }))).toEqual({ ...CLEAN, decidedTwice: 1 })
  })

  it('finds an item that two had at once, whoever came between', () => {
    const next = SAID.claimed('i1', { token: 't2', at: 1_999, until: 1_999 })
    const last = SAID.claimed('i1', { token: 't3', at: 1_999, until: 2_999 })
    const after = SAID.claimed('i1', { token: 't4', at: 2_000, until: 3_000 })

    expect(accountFor([next, ...LINES], store())).toEqual({ ...CLEAN, claimedTwice: 1 })
    expect(accountFor([last, next, ...LINES], store())).toEqual({ ...CLEAN, claimedTwice: 1 })
    expect(accountFor([after, ...LINES], store())).toEqual(CLEAN)
  })

  it.each(['open', 'claimed', 'decided'])('finds a hold that stays %s', (state) => {
    const lines = LINES.slice(0, 1)
    const held = store({ state, outcomes: [], decisions: 0 })

    expect(accountFor(lines, held)).toEqual({ ...CLEAN, acknowledged: 1, stuck: 1 })
  })
})
