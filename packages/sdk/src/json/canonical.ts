import canonicalize from 'canonicalize'
import { jsonError } from './errors.ts'

/** How deep a value may nest before it is refused. */
export const MAX_JSON_DEPTH = 512

/** Matches half a character: with the flag `u` a pair is read as one code point, which is no surrogate. */
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * The canonical JSON text of a value (RFC 8785): the same for every order of members, and what hashes are made of.
 *
 * Refuses what JSON cannot carry instead of changing it: NaN, infinities, `undefined` in an array or alone, functions,
 * symbols, bigints, lone surrogates (also in keys), and objects with a class of their own (`Date`, `Map`, `toJSON`).
 * A member whose value is `undefined` is absent, as it is in JSON. `-0` is `0`.
 * @throws PARAPET_JSON_NOT_JSON, PARAPET_JSON_TOO_DEEP
 */
export function canonicalJson(value: unknown): string {
  requireJson(value, 0)
  return canonicalize(value) as string
}

function requireJson(value: unknown, depth: number): void {
  if (depth > MAX_JSON_DEPTH) throw jsonError('PARAPET_JSON_TOO_DEEP', { maxDepth: MAX_JSON_DEPTH })
  switch (typeof value) {
    case 'boolean':
      return
    case 'string':
      if (LONE_SURROGATE.test(value)) throw notJson('a string with a lone surrogate')
      return
    case 'number':
      if (!Number.isFinite(value)) throw notJson('a number that is not finite')
      return
    case 'object':
      if (value === null) return
      if (Array.isArray(value)) {
        // By index: `for of` would trust an iterator, and holes must be seen.
        for (let index = 0; index < value.length; index++) requireJson(value[index], depth + 1)
        return
      }
      requirePlain(value)
      for (const key of Object.keys(value)) {
        if (LONE_SURROGATE.test(key)) throw notJson('a key with a lone surrogate')
        const member = (value as Record<string, unknown>)[key]
        if (member !== undefined) requireJson(member, depth + 1)
      }
      return
    default:
      throw notJson(typeof value)
  }
}

function requirePlain(value: object): void {
  // By shape, not by identity with `Object.prototype`: objects of another realm (vm, jest) are plain too.
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw notJson('an object of a class')
  if (prototype !== null && !Object.hasOwn(prototype, 'hasOwnProperty')) throw notJson('an object of a class')
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') throw notJson('an object with toJSON')
}

function notJson(kind: string): Error {
  return jsonError('PARAPET_JSON_NOT_JSON', { kind })
}
