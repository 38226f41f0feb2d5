import { afterEach, describe, expect, it } from '@jest/globals'
import { newReviewItem } from '@parapet/sdk/testing'
import { digestOf } from '../../bench/chaos/digest-of.ts'
import { openQueue } from '../../bench/chaos/open-queue.ts'
import { hasPostgres, type Place, postgresPlace, sqlitePlace } from '../../bench/chaos/places.ts'
import { SAID } from '../../bench/chaos/said-lines.ts'
import { settleAccounts } from '../../bench/chaos/settle-accounts.ts'

const later = () => ({ deadlineAt: Date.now() + 1e6, expiresAt: Date.now() + 1e6 })
const places: [string, () => Place | Promise<Place>][] = [
  ['SQLite', sqlitePlace],
  ...((await hasPostgres()) ? [['PostgreSQL', postgresPlace] as [string, () => Promise<Place>]] : []),
]

describe.each(places)('settleAccounts on %s', (_name, open) => {
  let opened: Place | undefined
  afterEach(() => opened?.remove())

  it('reads what is stored, decides what is left, and finds what is missing', async () => {
    opened = await open()
    const { place } = opened
    const queue = openQueue(place)
    const item = newReviewItem(later())
    const { id } = await queue.enqueue(item)
    await queue.enqueue(newReviewItem(later()))
    const claim = await queue.claim({ reviewer: 'ada', id })
    await queue.decide({ id, token: claim?.token ?? '', outcome: 'approve' })
    await queue.close()
    const lines = [
      SAID.enqueued(id, item.key, digestOf(item.content.messages)),
      SAID.decided(id, 'approve', claim?.token ?? ''),
    ]
    const clean = { acknowledged: 2, lost: 0, decidedTwice: 0, stuck: 0, claimedTwice: 0 }

    expect(await settleAccounts(place, lines)).toEqual(clean)

    const worse = [...lines, SAID.decided(id, 'approve', 'another'), SAID.enqueued('none', 'none', 'none')]
    expect(await settleAccounts(place, worse)).toEqual({
      ...clean,
      acknowledged: 4,
      lost: 1,
      decidedTwice: 1,
    })
  }, 60_000)
})
