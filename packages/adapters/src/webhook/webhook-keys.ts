import { adapterError } from '../errors/codes.ts'
import { webhookKey } from './webhook-secret.ts'

/** The most secrets at a time: one in use, others on their way in or out. */
const MOST_SECRETS = 5

/** The keys of secrets. @throws PARAPET_ADAPTER_OPTIONS when there are none, too many, or one is malformed */
export function webhookKeys(adapter: string, secrets: unknown): readonly Buffer[] {
  const given: readonly unknown[] = Array.isArray(secrets) ? secrets : []
  const keys = given.map((secret) => (typeof secret === 'string' ? webhookKey(secret) : undefined))
  const problems = [
    ...(given.length >= 1 && given.length <= MOST_SECRETS
      ? []
      : [`secrets: expected 1 to ${MOST_SECRETS}, got ${given.length}`]),
    ...keys.flatMap((key, index) =>
      key ? [] : [`secrets.${index}: expected "whsec_" and 24 to 64 bytes in base64`],
    ),
  ]
  if (problems.length > 0) throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter, problems })
  return keys.filter((key) => key !== undefined)
}
