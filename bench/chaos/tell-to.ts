import { type ReviewWorker, startReviewWorker } from '@parapet/adapters/postgres'
import { webhookTarget } from '@parapet/adapters/webhook'

/** Of this machine, for an hour: no secret. */
export const SECRET = `whsec_${Buffer.alloc(24, 'chaos').toString('base64')}`
/** Where dead letters are kept. */
export const TARGET = 'app'

/** Starts what delivers webhooks to a receiver. Gives up early, so that there are dead letters. */
export function tellTo(place: string, url: string): Promise<ReviewWorker> {
  return startReviewWorker(place, {
    targets: [webhookTarget({ id: TARGET, url, secrets: [SECRET], timeoutMs: 2_000, allowLoopback: true })],
    retryLimit: 1,
    retryDelaySeconds: 1,
    pollSeconds: 0.5,
    // What it could not do it does again; what it never does is missed in the end.
    onError: () => {},
  })
}
