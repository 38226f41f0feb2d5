import { serverError } from './codes.ts'

/** Counts what runs, refuses what is too much, and waits for the rest to end. */
export interface Admission {
  /** Lets a request in; call what it gives once, when the request is over. @throws PARAPET_SERVER_BUSY, PARAPET_SERVER_STOPPING */
  enter(): () => void
  /** How many requests run. */
  active(): number
  /** Lets nobody in any more. Resolves when nothing runs. */
  stop(): Promise<void>
  isStopping(): boolean
}

/** Makes the door of a server. */
export function createAdmission(maxConcurrent: number): Admission {
  let active = 0
  let stopping = false
  let idle: () => void = () => undefined
  const emptied = new Promise<void>((resolve) => {
    idle = resolve
  })
  return {
    enter() {
      if (stopping) throw serverError('PARAPET_SERVER_STOPPING', undefined)
      if (active >= maxConcurrent) throw serverError('PARAPET_SERVER_BUSY', { maxConcurrent })
      active++
      let over = false
      return () => {
        if (over) return
        over = true
        active--
        if (stopping && active === 0) idle()
      }
    },
    active: () => active,
    isStopping: () => stopping,
    stop() {
      stopping = true
      if (active === 0) idle()
      return emptied
    },
  }
}
