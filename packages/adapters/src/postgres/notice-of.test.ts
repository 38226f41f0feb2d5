import { describe, expect, it } from '@jest/globals'
import { type HashedEvent, type NoticedItem, noticeOf as noticeAbout } from './notice-of.ts'

/** A valid entry; each test changes what it is about. */
const event = (changes: Partial<HashedEvent>): HashedEvent => ({
  sequence: 4,
  itemId: 'item-1',
  tenant: 'acme',
  kind: 'decided',
  at: 1_000,
  actor: 'ada',
  detail: { outcome: 'approve' },
  hash: 'ab'.repeat(32),
  ...changes,
})

const noticeOf = (of: HashedEvent, item: NoticedItem = { kind: 'input' }) => noticeAbout(of, item)

describe('noticeOf', () => {
  it('tells a decision in ids and outcome, without who made it and why', () => {
    expect(noticeOf(event({ detail: { outcome: 'reject', reason: 'spam' } }))).toEqual({
      id: `msg_${'ab'.repeat(16)}`,
      type: 'review.rejected',
      at: 1_000,
      itemId: 'item-1',
      tenant: 'acme',
      kind: 'input',
      sequence: 4,
      outcome: 'reject',
    })
  })

  it('says what the item is, and what it appeals against', () => {
    expect(noticeOf(event({}), { kind: 'audit' })).toMatchObject({ kind: 'audit' })
    expect(noticeOf(event({}), { kind: 'output', appeals: 'item-0' })).toMatchObject({
      kind: 'output',
      appeals: 'item-0',
    })
  })

  it('tells a decision that can be undone when it takes effect, and not before', () => {
    expect(noticeOf(event({ detail: { outcome: 'approve', effectAt: 2_000 } }))).toBeUndefined()
    expect(noticeOf(event({ kind: 'effected', detail: { outcome: 'edit' } }))).toMatchObject({
      type: 'review.approved',
      outcome: 'edit',
    })
  })

  it('tells what else may call for somebody, and nothing of the rest', () => {
    expect(noticeOf(event({ kind: 'expired', detail: { otherwise: 'block' } }))).toMatchObject({
      type: 'review.expired',
      outcome: 'block',
    })
    expect(noticeOf(event({ kind: 'escalated', detail: { team: 'leads', priority: 2 } }))).toMatchObject({
      type: 'review.escalated',
      team: 'leads',
    })
    for (const kind of ['claimed', 'opinion', 'viewed', 'erased', 'released', 'grant-used'] as const) {
      expect(noticeOf(event({ kind }))).toBeUndefined()
    }
  })
})
