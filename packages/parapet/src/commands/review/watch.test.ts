import { PassThrough } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { memoryQueue, type NewReviewItem } from '@parapet/sdk'
import type { Call } from './call.ts'
import { watch } from './watch.ts'

const item = (key: string): NewReviewItem => ({
  key,
  kind: 'input',
  tenant: 'acme',
  decisionId: `decision-${key}`,
  bindingHash: 'sha256:binding',
  contentDigest: `sha256:${key}`,
  content: { messages: [] },
  reasons: [],
  edits: [],
  deadlineAt: Date.now() + 3_600_000,
  otherwise: 'block',
  expiresAt: Date.now() + 7_200_000,
})

describe('watch', () => {
  it.each([0, 1, 2, 3, 700])(
    'begins at the end of a log of %i entries, and does not read it',
    async (length) => {
      const queue = memoryQueue()
      for (let index = 0; index < length; index += 1) await queue.enqueue(item(`before-${index}`))
      const { events } = queue
      const read: number[] = []
      queue.events = async (filter) => {
        // Once the end is found, more happens.
        if (filter?.limit === 2 && read.length > 0 && (await queue.count()).open === length) {
          await queue.enqueue(item('one'))
          await queue.enqueue(item('two'))
        }
        const found = await events.call(queue, filter)
        read.push(found.length)
        return found
      }
      const stdout = new PassThrough()

      const status = await watch({
        queue,
        values: { json: true, limit: '2' },
        streams: { stdout },
      } as unknown as Call)

      const lines = String(stdout.read()).trim().split('\n')
      expect(status).toBe(0)
      expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual([
        length + 1,
        length + 2,
      ])
      expect(read.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(25)
      await queue.close()
    },
  )
})
