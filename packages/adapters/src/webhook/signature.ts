import { createHmac } from 'node:crypto'

/** What is signed: Standard Webhooks 1, `id.timestamp.body`. */
export interface SignedContent {
  readonly id: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  readonly body: string
}

/** The signature under one key: HMAC with SHA-256, in base64. */
export function signature({ id, timestamp, body }: SignedContent, key: Buffer): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
}
