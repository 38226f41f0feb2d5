/** The job queue of a target's deliveries. One each, so that a slow receiver holds up nobody else's. */
export function noticeQueue(targetId: string): string {
  return `notices-${targetId}`
}

/** Where a target's deliveries go that failed for good. */
export function deadNoticeQueue(targetId: string): string {
  return `dead-notices-${targetId}`
}
