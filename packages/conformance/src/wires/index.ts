import { chatWire } from './chat.ts'
import { messagesWire } from './messages.ts'
import { responsesWire } from './responses.ts'
import type { Wire } from './wire.ts'

const WIRES: Readonly<Record<string, Wire>> = {
  '/chat/completions': chatWire,
  '/responses': responsesWire,
  '/messages': messagesWire,
}

/** The wire of a route, by how its path ends; undefined for a path that is no provider's. */
export function wireOf(path: string): Wire | undefined {
  return Object.entries(WIRES).find(([route]) => path.endsWith(route))?.[1]
}
