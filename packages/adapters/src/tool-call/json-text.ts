import { adapterError } from '../errors/codes.ts'

/** Arguments that a schema made into maps and sets have their entries judged: JSON would say nothing of them. */
const entries = (_: string, value: unknown): unknown =>
  value instanceof Map || value instanceof Set ? [...value] : value

/**
 * A value as JSON text. What JSON cannot say (undefined, a function) is `null`.
 * @throws PARAPET_ADAPTER_TOOL_NOT_JSON for cycles and big integers
 */
export function jsonText(value: unknown, stage: 'toolCall' | 'toolResult'): string {
  try {
    return JSON.stringify(value, stage === 'toolCall' ? entries : undefined) ?? 'null'
  } catch {
    // The error of JSON.stringify names members, which may be a user's.
    throw adapterError('PARAPET_ADAPTER_TOOL_NOT_JSON', { stage })
  }
}
