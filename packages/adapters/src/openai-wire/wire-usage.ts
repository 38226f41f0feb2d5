import { isObject, type Json } from './json-value.ts'

/** Names of counts as providers have them: a name that says anything else could say it of the answer. */
const NAME = /^([a-z]{1,12}_){0,4}(tokens|details|seconds|requests|units|cost|time)$/
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
