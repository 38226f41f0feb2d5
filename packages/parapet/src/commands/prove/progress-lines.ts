import type { Progress } from '@parapet/lab'
import { print } from '../../output/print.ts'

/** A line for each twentieth of a stage is enough for a log. */
const LINES_A_STAGE = 20

/** Reports progress as lines, now and then: what is done, and about how long the rest takes. */
export function progressLines(stream: NodeJS.WritableStream, label: string): (progress: Progress) => void {
  let last = ''
  return ({ stage, name, done, total, remainingMs }) => {
    const mark = `${stage} ${total === 0 ? LINES_A_STAGE : Math.floor((done * LINES_A_STAGE) / total)}`
    if (mark === last) return
    last = mark
    const left = remainingMs === undefined ? '' : `, about ${duration(remainingMs)} left`
    void print(stream, `${label}${name}: ${done} of ${total} answers${left}`)
  }
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}
