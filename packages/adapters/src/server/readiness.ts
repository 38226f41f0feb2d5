import type { Guard, ReviewQueue } from '@parapet/sdk'

/** What `/readyz` says. Names no detector and no fault: everybody may ask. */
export interface Readiness {
  readonly ready: boolean
  readonly detectors: 'loading' | 'loaded' | 'failed'
  readonly queue: 'reachable' | 'unreachable' | 'none'
}

/** How long a queue may take to say that it is there. */
const QUEUE_ANSWERS_WITHIN_MS = 2_000

async function isReachable(queue: Pick<ReviewQueue, 'get'>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), QUEUE_ANSWERS_WITHIN_MS)
  })
  // No item has this id: only whether the store answers is asked.
  const answer = queue.get('readiness').then(
    () => true,
    () => false,
  )
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer))
}

/** Begins to load the detectors, and gives what tells how far it is. Whoever asks after a failure begins anew. */
export function watchReadiness(
  guard: Pick<Guard, 'warm'>,
  queue: Pick<ReviewQueue, 'get'> | undefined,
  onFault: (error: unknown) => void,
): () => Promise<Readiness> {
  let detectors: Readiness['detectors'] = 'failed'
  const load = () => {
    detectors = 'loading'
    guard.warm().then(
      () => {
        detectors = 'loaded'
      },
      (error: unknown) => {
        detectors = 'failed'
        onFault(error)
      },
    )
  }
  load()
  return async () => {
    const seen = detectors
    if (seen === 'failed') load()
    const state = queue === undefined ? 'none' : (await isReachable(queue)) ? 'reachable' : 'unreachable'
    return { ready: seen === 'loaded' && state !== 'unreachable', detectors: seen, queue: state }
  }
}
