import { randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'
/** Standard Webhooks: between 24 and 64 bytes. */
const LEAST_BYTES = 24
const MOST_BYTES = 64

/** A new secret of 32 random bytes, as `whsec_…`. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(32).toString('base64')
}

/** The key in a secret; undefined when it is none. */
export function webhookKey(secret: string): Buffer | undefined {
  const base64 = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret
  // Node decodes what it can and leaves out the rest: a secret must be base64 throughout.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const key = Buffer.from(base64, 'base64')
  return key.length >= LEAST_BYTES && key.length <= MOST_BYTES ? key : undefined
}
