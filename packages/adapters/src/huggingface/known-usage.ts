import { isObject, type WireObject } from '../wire/wire-object.ts'

/** What an answer used: counts, and nothing else. */
export function knownUsage(usage: unknown): WireObject | undefined {
  if (!isObject(usage)) return undefined
  const count = (name: string) => (typeof usage[name] === 'number' ? usage[name] : 0)
  return {
    prompt_tokens: count('prompt_tokens'),
    completion_tokens: count('completion_tokens'),
    total_tokens: count('total_tokens'),
  }
}
