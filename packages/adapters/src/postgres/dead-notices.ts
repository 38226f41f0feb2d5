import type { PgBoss } from 'pg-boss'
import type { ReviewNotice } from '../notice/review-notice.ts'
import { deadNoticeQueue } from './notice-queues.ts'

/** A notice that was not delivered, and is not tried again by itself. */
export interface DeadNotice {
  readonly id: string
  readonly notice: ReviewNotice
  /** When it was given up, in milliseconds since the epoch. */
  readonly at: number
  /** The code of the error that its last try ended with. */
  readonly code: string
}

/** Which of a target's dead notices to list. */
export interface DeadNoticeFilter {
  readonly target: string
  /** @default 100, at most 1_000 */
  readonly limit?: number
  /** The `id` after which to begin. */
  readonly after?: string
}

/** A target's dead notices, oldest first. */
export async function listDeadNotices(
  boss: PgBoss,
  { target, limit = 100, after }: DeadNoticeFilter,
): Promise<readonly DeadNotice[]> {
  const jobs = await boss.findJobs<ReviewNotice>(deadNoticeQueue(target), {
    queued: true,
    limit: Math.min(Math.max(1, Math.trunc(limit)), 1_000),
    ...(after !== undefined && { after }),
  })
  return jobs.map(({ id, data, createdOn, sourceOutput }) => ({
    id,
    notice: data,
    at: createdOn.getTime(),
    code: codeOf(sourceOutput),
  }))
}

/** Sends dead notices again, under the ids they had: all of a target's, or those named. Gives how many. */
export async function redeliverDeadNotices(
  boss: PgBoss,
  { target, ids }: { readonly target: string; readonly ids?: readonly string[] },
): Promise<number> {
  return boss.redrive(deadNoticeQueue(target), ids === undefined ? {} : { ids: [...ids] })
}

function codeOf(output: unknown): string {
  const { code } = (output ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'unknown'
}
