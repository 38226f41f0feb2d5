import type { Progress } from '@parapet/lab'

/** Milliseconds between two lines of one stage. */
const EVERY_MS = 5_000

/** Writes a line when a stage begins and ends, and every few seconds between. */
export function progressLine(stream: NodeJS.WritableStream, now = () => performance.now()) {
  let stage = 0
  let last = Number.NEGATIVE_INFINITY
  return (progress: Progress): void => {
    const { done, total } = progress
    if (progress.stage === stage && done < total && now() - last < EVERY_MS) return
    stage = progress.stage
    last = now()
    stream.write(`${describeProgress(progress)}\n`)
  }
}

/** `[4/8] means: 32 of 256, about 3 min left`. */
export function describeProgress({ stage, stages, name, done, total, remainingMs }: Progress): string {
  const left = remainingMs === undefined ? '' : `, about ${duration(remainingMs)} left`
  return `[${stage}/${stages}] ${name}: ${done} of ${total}${left}`
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
