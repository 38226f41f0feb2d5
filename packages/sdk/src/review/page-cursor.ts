import { z } from 'zod'
import { queueError } from './errors.ts'
import type { PagePosition } from './review-store.ts'

const position = z.tuple([z.int(), z.int().min(0), z.int().min(0)])

/** The position as opaque text for callers. */
export function toCursor({ priority, deadlineAt, order }: PagePosition): string {
  return Buffer.from(JSON.stringify([priority, deadlineAt, order])).toString('base64url')
}

/** The position behind a cursor. @throws PARAPET_QUEUE_INVALID */
export function fromCursor(cursor: string): PagePosition {
  try {
    const [priority, deadlineAt, order] = position.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString()),
    )
    return { priority, deadlineAt, order }
  } catch {
    throw queueError('PARAPET_QUEUE_INVALID', {
      call: 'list',
      problems: ['after: expected the `next` of a page before'],
    })
  }
}
