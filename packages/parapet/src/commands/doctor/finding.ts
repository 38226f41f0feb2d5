/**
 * One thing that was looked at. `missing` and `broken` keep the usual parts from working; `absent` is something that is
 * needed for one use alone; `slow` works, and not within the preset's budgets.
 */
export interface Finding {
  readonly what: string
  readonly state: 'ok' | 'missing' | 'broken' | 'absent' | 'slow'
  readonly detail: string
  /** The line that helps, where something is wrong. */
  readonly mend?: string
}

/** Whether something that is needed does not work. */
export const isWrong = ({ state }: Finding): boolean => state === 'missing' || state === 'broken'
