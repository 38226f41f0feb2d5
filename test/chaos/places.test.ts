import { describe, expect, it } from '@jest/globals'
import { openQueue } from '../../bench/chaos/open-queue.ts'
import { hasPostgres, postgresPlace } from '../../bench/chaos/places.ts'

const onServer = (await hasPostgres()) ? describe : describe.skip

onServer('postgresPlace', () => {
  it('says how many connections it ended', async () => {
    const { place, terminate, remove } = await postgresPlace()
    try {
      expect(await terminate()).toBe(0)
      const queue = openQueue(place)
      await queue.count()
      expect(await terminate()).toBeGreaterThan(0)
      await queue.close()
    } finally {
      await remove()
    }
  }, 60_000)
})
