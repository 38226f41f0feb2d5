import { Worker } from 'node:worker_threads'

/** Runs beside the thread that computes, which hears of nothing while a pass goes on. Plain JavaScript: no file to find. */
const WATCH = `
const parent = process.ppid
const gone = () => {
  if (process.ppid !== parent) return true
  try {
    process.kill(parent, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}
setInterval(() => gone() && process.kill(process.pid, 'SIGKILL'), 1000)
`

/** Ends this process soon after its parent is gone, also when a pass hangs. */
export function endWithParent(): void {
  const worker = new Worker(WATCH, {
    eval: true,
    name: 'parapet-parent-watch',
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  })
  worker.unref()
}
