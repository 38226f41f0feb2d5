import type { Guard, ReviewQueue } from '@parapet/sdk'

/** What `/readyz` says. Names no detector and no fault: everybody may ask. */
export interface Readiness {
  readonly ready: boolean
  readonly detectors: 'loading' | 'loaded' | 'failed'
  readonly queue: 'reachable' | 'unreachable' | 'none'
}

/** How long a queue may take to say that it is there. */
const QUEUE_ANSWERS_WITHIN_MS = 2_000
/** Everybody may ask, as often as they like: the queue is asked, and a failed load begun anew, at most this often. */
const REMEMBERED_MS = 1_000

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

/**
 * Begins to load the detectors, and gives what tells how far it is. Whoever asks after a failure begins anew. What costs
 * something is done at most once a second, however many ask.
 */
export function watchReadiness(
  guard: Pick<Guard, 'warm'>,
  queue: Pick<ReviewQueue, 'get'> | undefined,
  onFault: (error: unknown) => void,
): () => Promise<Readiness> {
  let detectors: Readiness['detectors'] = 'failed'
  let begunAt = 0
  const load = () => {
    detectors = 'loading'
    begunAt = performance.now()
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
  let asked: { readonly at: number; readonly answer: Promise<boolean> } | undefined
  const queueAnswers = (from: Pick<ReviewQueue, 'get'>): Promise<boolean> => {
    const at = performance.now()
    if (!asked || at - asked.at >= REMEMBERED_MS) asked = { at, answer: isReachable(from) }
    return asked.answer
  }
  return async () => {
    const seen = detectors
    if (seen === 'failed' && performance.now() - begunAt >= REMEMBERED_MS) load()
    const state = queue === undefined ? 'none' : (await queueAnswers(queue)) ? 'reachable' : 'unreachable'
    return { ready: seen === 'loaded' && state !== 'unreachable', detectors: seen, queue: state }
  }
}
