import type { Message, Part, Role } from '@parapet/sdk'
import { partText } from '../answer/part-text.ts'
import { adapterError } from '../errors/codes.ts'
import { isObject, type Json } from './json-value.ts'

/** What a request is made of, as the guard reads it. */
export interface AskedRequest {
  readonly messages: readonly Message[]
  readonly streams: boolean
  /** JSON was asked for. */
  readonly structured: boolean
  /** The tools that the developer offered: their names are not the model's words. */
  readonly toolNames: ReadonlySet<string>
  /** How many choices were asked for, [1, 128]. */
  readonly choices: number
  readonly model: string
  readonly audioFormat: string
  /** Settings that the answer repeats. */
  readonly echo: Json
  /** The request's body with the texts of the released messages. */
  apply(released: readonly Message[]): Json
}

/** Puts an edited text back to where it came from. */
export type Write = (text: string) => void

/** Collects the judged parts of a request, each with the way back for an edited text. */
export interface RequestSlots {
  readonly messages: readonly Message[]
  /** Begins a message. */
  begin(role: Role): void
  add(part: Part, write?: Write): void
  /** Writes what was edited. */
  write(released: readonly Message[]): void
}

interface Collected {
  readonly role: Role
  readonly parts: Part[]
  readonly writes: (Write | undefined)[]
}

export function createRequestSlots(): RequestSlots {
  const collected: Collected[] = []
  return {
    get messages() {
      return collected.map(({ role, parts }) => ({ role, parts }))
    },
    begin: (role) => void collected.push({ role, parts: [], writes: [] }),
    add(part, write) {
      const last = collected.at(-1)
      last?.parts.push(part)
      last?.writes.push(write)
    },
    write(released) {
      for (const [index, { parts, writes }] of collected.entries())
        for (const [place, part] of parts.entries()) {
          const text = partText(released[index]?.parts[place])
          if (text !== undefined && text !== partText(part)) writes[place]?.(text)
        }
    },
  }
}

const PLAIN = /^[\w.:/@-]{0,128}$/
const DEEPEST = 6

/** Whether a value is a setting: numbers, flags and short names, however they are nested. None of it spells a sentence. */
function isSetting(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return PLAIN.test(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === DEEPEST) return false
  return Object.entries(value).every(([key, member]) => PLAIN.test(key) && isSetting(member, depth + 1))
}

/**
 * Refuses members that are not known and could hold text for the model: what the guard does not read, the model would.
 * @throws PARAPET_ADAPTER_REQUEST_REFUSED
 */
export function checkMembers(object: Json, known: ReadonlySet<string>, where: string): void {
  for (const [name, value] of Object.entries(object)) {
    if (known.has(name) || isSetting(value)) continue
    const named = /^\w{1,40}$/.test(name) ? name : '?'
    throw adapterError('PARAPET_ADAPTER_REQUEST_REFUSED', {
      feature: `the member "${named}" of ${where}`,
      instead: 'Leave it out, or put its text into a message.',
    })
  }
}

/** @throws PARAPET_ADAPTER_REQUEST_MALFORMED */
export function objectIn(value: unknown, what: string): Json {
  if (isObject(value)) return value
  throw adapterError('PARAPET_ADAPTER_REQUEST_MALFORMED', { issue: `${what} is no object` })
}

/** A part of a kind that nothing here can read. */
export function unknownPart(type: unknown, where: 'prompt' | 'answer'): Error {
  const named = typeof type === 'string' && /^[\w.-]{1,40}$/.test(type) ? type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type: named, where })
}
