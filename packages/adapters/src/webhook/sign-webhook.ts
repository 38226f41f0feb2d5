import { type SignedContent, signature } from './signature.ts'
import { webhookKeys } from './webhook-keys.ts'

/** The headers that a receiver verifies a webhook by. */
export interface WebhookHeaders {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/**
 * Signs a webhook by Standard Webhooks, once under each secret: while a secret is replaced, both sign, and receivers may hold
 * either. `timestamp` is in seconds since the epoch.
 * @throws PARAPET_ADAPTER_OPTIONS for malformed secrets
 */
export function signWebhook(
  content: SignedContent,
  options: { readonly secrets: readonly string[] },
): WebhookHeaders {
  const keys = webhookKeys('signWebhook', options.secrets)
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestamp),
    'webhook-signature': keys.map((key) => `v1,${signature(content, key)}`).join(' '),
  }
}
