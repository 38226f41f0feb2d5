import { serverError } from './codes.ts'

/** Counts what runs, refuses what is too much, and waits for the rest to end. */
export interface Admission {
  /**
   * Lets a request of a tenant in; call what it gives once, when the request is over.
   * @throws PARAPET_SERVER_BUSY, PARAPET_SERVER_STOPPING
   */
  enter(tenant: string | undefined): () => void
  /** How many requests run. */
  active(): number
  /** Lets nobody in any more. Resolves when nothing runs. */
  stop(): Promise<void>
  isStopping(): boolean
}

/** How many may be inside at once. */
export interface AdmissionLimits {
  readonly maxConcurrent: number
  readonly maxConcurrentPerTenant: number
}

/** Makes the door of a server. A tenant whose requests wait long, for reviewers say, leaves room for the others. */
export function createAdmission({ maxConcurrent, maxConcurrentPerTenant }: AdmissionLimits): Admission {
  let active = 0
  /** Of tenants that have any: how many. */
  const inside = new Map<string | undefined, number>()
  let stopping = false
  let idle: () => void = () => undefined
  const emptied = new Promise<void>((resolve) => {
    idle = resolve
  })
  return {
    enter(tenant) {
      if (stopping) throw serverError('PARAPET_SERVER_STOPPING', undefined)
      if (active >= maxConcurrent)
        throw serverError('PARAPET_SERVER_BUSY', { most: maxConcurrent, option: 'maxConcurrent' })
      const own = inside.get(tenant) ?? 0
      if (own >= maxConcurrentPerTenant)
        throw serverError('PARAPET_SERVER_BUSY', {
          most: maxConcurrentPerTenant,
          option: 'maxConcurrentPerTenant',
        })
      active++
      inside.set(tenant, own + 1)
      let over = false
      return () => {
        if (over) return
        over = true
        active--
        const left = (inside.get(tenant) ?? 1) - 1
        if (left === 0) inside.delete(tenant)
        else inside.set(tenant, left)
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
