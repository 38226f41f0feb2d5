import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { Guard } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'
import { type GuardToolsOptions, resolveToolsOptions } from '../tool-call/tool-options.ts'
import { guardedMembers } from './guarded-members.ts'
import { createMcpJudge } from './mcp-judge.ts'
import { PASSED } from './members.ts'

/** How an MCP client is guarded: `context` is asked of the request options of each call. */
export type GuardMcpOptions = GuardToolsOptions

const refused = (what: string): Error => adapterError('PARAPET_ADAPTER_MCP_REFUSED', { what })

/** Requests of a server that a handler may have been set for before: it would answer unjudged. */
const HANDLED = ['sampling/createMessage', 'elicitation/create']

function refuseEarlierHandlers(client: Client): void {
  for (const method of HANDLED) {
    try {
      client.assertCanSetRequestHandler(method)
    } catch {
      throw refused(`a client that already has a handler for ${method}: set it on the guarded client`)
    }
  }
}

/**
 * Guards an MCP client: what goes to the server is judged (stage `toolCall`) before it leaves, and whatever the server
 * says (stage `toolResult`) before anybody reads it: results of tools, resources, prompts, instructions, the
 * descriptions of what it lists, its errors, and what it asks of a model or a person.
 *
 * ```ts
 * const guarded = guardMcpClient(guard, new Client({ name: 'app', version: '1' }))
 * await guarded.connect(transport)
 * ```
 *
 * Wrap the client before it is connected: instructions of a server are judged while it connects, and withheld otherwise.
 * A tool whose description is withheld is not listed. Members that would pass a judgement by are refused.
 * @throws PARAPET_ADAPTER_OPTIONS, PARAPET_ADAPTER_MCP_REFUSED; calls reject with PARAPET_ADAPTER_TOOL_WITHHELD,
 * PARAPET_ADAPTER_PART_UNKNOWN, the guard's errors and the client's
 */
export function guardMcpClient<Mcp extends Client>(
  guard: Guard,
  client: Mcp,
  options: GuardMcpOptions = {},
): Mcp {
  const judge = createMcpJudge(guard, resolveToolsOptions('guardMcpClient', options))
  refuseEarlierHandlers(client)
  const judged: Readonly<Record<string, unknown>> = guardedMembers(client, judge)
  const passed: readonly (string | symbol)[] = PASSED

  return new Proxy(client, {
    get(target, key) {
      if (typeof key === 'string' && Object.hasOwn(judged, key)) return judged[key]
      const value: unknown = Reflect.get(target, key, target)
      if (typeof key === 'symbol' || key === 'constructor') return value
      if (passed.includes(key)) return typeof value === 'function' ? value.bind(target) : value
      // What nobody has (`then`, when somebody awaits the client) is not there.
      if (!(key in target)) return undefined
      throw refused(`the member ${key}`)
    },
    set(target, key, value) {
      if (key !== 'onclose' && key !== 'onerror') throw refused('to have its members replaced')
      return Reflect.set(target, key, value, target)
    },
  })
}
