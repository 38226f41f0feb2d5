import { isObject, type Json } from './json-value.ts'

const NAME = /^[a-z_]{1,40}$/
const DEEPEST = 2

/** What was used, in numbers: members with short names, and groups of them. */
export function knownUsage(usage: unknown, depth = 0): Json | undefined {
  if (!isObject(usage) || depth === DEEPEST) return undefined
  const known = Object.entries(usage).flatMap(([name, value]) => {
    if (!NAME.test(name)) return []
    const count = typeof value === 'number' ? value : knownUsage(value, depth + 1)
    return count === undefined ? [] : [[name, count] as const]
  })
  return Object.fromEntries(known)
}
