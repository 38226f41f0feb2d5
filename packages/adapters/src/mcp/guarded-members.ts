import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { CallToolResult, CompleteResult } from '@modelcontextprotocol/sdk/types.js'
import { adapterError } from '../errors/codes.ts'
import { fixed, json, list, members, type Piece, text } from '../tool-call/piece.ts'
import { promptPiece, readResourcePiece, toolResultPiece } from './content-pieces.ts'
import { promptListingPiece, resourceListingPiece, templatePiece, toolPiece } from './listing-pieces.ts'
import type { McpJudge } from './mcp-judge.ts'
import type { JUDGED } from './members.ts'
import { createServerCalls, cursor } from './server-calls.ts'
import { judgedHandler, type ServerRequestHandler } from './server-requests.ts'

type Judged = Record<(typeof JUDGED)[number], unknown>

function completionPiece({ completion }: CompleteResult): Piece<CompleteResult> {
  const { values, total, hasMore } = completion
  const judged = members({
    values: list(values.map(text)),
    total: total === undefined ? undefined : fixed(total),
    hasMore: hasMore === undefined ? undefined : fixed(hasMore),
  })
  return members({ completion: judged }) as unknown as Piece<CompleteResult>
}

/** What a server says of itself, as it was released. */
interface AboutServer {
  readonly instructions?: string
  readonly version?: ReturnType<Client['getServerVersion']>
}

async function aboutServer(
  client: Client,
  judge: McpJudge,
  options: RequestOptions | undefined,
): Promise<AboutServer> {
  const [said, named] = [client.getInstructions(), client.getServerVersion()]
  const instructions = said === undefined ? said : await judge.received('initialize', said, text, options)
  const version = named && (await judge.received('initialize', named, json, options))
  return {
    ...(instructions?.kind === 'released' ? { instructions: instructions.content } : {}),
    ...(version?.kind === 'released' ? { version: version.content } : {}),
  }
}

/** The members of a client that are judged. */
export function guardedMembers(client: Client, judge: McpJudge): Judged {
  /** Tools that the server listed and that were released: their names are not a model's words. */
  const listed = new Set<string>()
  let about: AboutServer = {}
  const { exchange, listing, released } = createServerCalls(judge)

  const failedTool = (said: string): CallToolResult => ({
    content: [{ type: 'text', text: said }],
    isError: true,
  })

  return {
    async callTool(
      params: Parameters<Client['callTool']>[0],
      schema?: Parameters<Client['callTool']>[1],
      options?: RequestOptions,
    ) {
      const { name, arguments: given = {}, task } = params
      if (task !== undefined || options?.task !== undefined)
        throw adapterError('PARAPET_ADAPTER_MCP_REFUSED', { what: 'a call as a task' })
      // A name that the server did not list is the model's own words, which go to the server too.
      const known = listed.has(name)
      return exchange<{ name?: string; arguments?: Record<string, unknown> }, CallToolResult>({
        name,
        params: known ? { arguments: given } : { name, arguments: given },
        options,
        work: async (released, safe) =>
          (await client.callTool({ ...params, name, ...released }, schema, safe)) as CallToolResult,
        piece: (result) => {
          // A protocol of 2024 gave `toolResult`, in any form.
          const { toolResult } = result as { toolResult?: unknown }
          if (toolResult === undefined) return toolResultPiece(result)
          return members({ toolResult: json(toolResult) }) as unknown as Piece<CallToolResult>
        },
        neutral: failedTool,
      })
    },

    async listTools(params?: Parameters<Client['listTools']>[0], options?: RequestOptions) {
      const result = await listing('tools/list', options, () => client.listTools(params, options))
      const tools = await released('tools/list', result.tools, toolPiece, options)
      for (const { name } of tools) listed.add(name)
      return { ...cursor(result, judge), tools }
    },

    async readResource(params: Parameters<Client['readResource']>[0], options?: RequestOptions) {
      const { uri, ...rest } = params
      return exchange({
        name: 'resources/read',
        params: { uri },
        options,
        work: async (released, safe) => client.readResource({ ...rest, ...released }, safe),
        piece: readResourcePiece,
        neutral: (said) => ({ contents: [{ uri, text: said }] }),
      })
    },

    async listResources(params?: Parameters<Client['listResources']>[0], options?: RequestOptions) {
      const result = await listing('resources/list', options, () => client.listResources(params, options))
      const resources = await released('resources/list', result.resources, resourceListingPiece, options)
      return { ...cursor(result, judge), resources }
    },

    async listResourceTemplates(
      params?: Parameters<Client['listResourceTemplates']>[0],
      options?: RequestOptions,
    ) {
      const name = 'resources/templates/list'
      const result = await listing(name, options, () => client.listResourceTemplates(params, options))
      const resourceTemplates = await released(name, result.resourceTemplates, templatePiece, options)
      return { ...cursor(result, judge), resourceTemplates }
    },

    async getPrompt(params: Parameters<Client['getPrompt']>[0], options?: RequestOptions) {
      const { name, arguments: given, ...rest } = params
      return exchange({
        name: 'prompts/get',
        params: { name, ...(given ? { arguments: given } : {}) },
        options,
        work: async (released, safe) => client.getPrompt({ ...rest, ...released }, safe),
        piece: promptPiece,
        neutral: (said) => ({
          messages: [{ role: 'user' as const, content: { type: 'text' as const, text: said } }],
        }),
      })
    },

    async listPrompts(params?: Parameters<Client['listPrompts']>[0], options?: RequestOptions) {
      const result = await listing('prompts/list', options, () => client.listPrompts(params, options))
      const prompts = await released('prompts/list', result.prompts, promptListingPiece, options)
      return { ...cursor(result, judge), prompts }
    },

    async complete(params: Parameters<Client['complete']>[0], options?: RequestOptions) {
      return exchange({
        name: 'completion/complete',
        params,
        options,
        work: async (released, safe) => client.complete(released, safe),
        piece: completionPiece,
        neutral: () => ({ completion: { values: [] } }),
      })
    },

    subscribeResource: (params: Parameters<Client['subscribeResource']>[0], options?: RequestOptions) =>
      exchange({
        name: 'resources/subscribe',
        params: { uri: params.uri },
        options,
        work: async (released, safe) => client.subscribeResource({ ...params, ...released }, safe),
        piece: () => fixed({}),
        neutral: (said): never => {
          throw new Error(said)
        },
      }),

    unsubscribeResource: (params: Parameters<Client['unsubscribeResource']>[0], options?: RequestOptions) =>
      exchange({
        name: 'resources/unsubscribe',
        params: { uri: params.uri },
        options,
        work: async (released, safe) => client.unsubscribeResource({ ...params, ...released }, safe),
        piece: () => fixed({}),
        neutral: (said): never => {
          throw new Error(said)
        },
      }),

    getInstructions: () => about.instructions,
    getServerVersion: () => about.version,
    /** What a server can do; what it experiments with is any JSON. */
    getServerCapabilities() {
      const given = client.getServerCapabilities()
      if (!given || !judge.enforces) return given
      const { experimental: _, ...capabilities } = given
      return capabilities
    },

    /** Connects, and judges what the server says of itself. */
    async connect(transport: Transport, options?: RequestOptions) {
      about = {}
      await client.connect(transport, options)
      try {
        about = await aboutServer(client, judge, options)
      } catch (error) {
        await client.close()
        throw error
      }
    },

    setRequestHandler(schema: Parameters<Client['setRequestHandler']>[0], handler: ServerRequestHandler) {
      client.setRequestHandler(schema, judgedHandler(handler, judge) as never)
    },

    /** A notification whose words are withheld does not come. */
    setNotificationHandler(
      schema: Parameters<Client['setNotificationHandler']>[0],
      handler: (notification: { method: string; params?: unknown }) => unknown,
    ) {
      client.setNotificationHandler(schema, (async (notification: { method: string; params?: object }) => {
        const { method, params } = notification
        if (params === undefined) return handler(notification)
        const outcome = await judge.received(method, params, (value) => json(value))
        return outcome.kind === 'released' ? handler({ ...notification, params: outcome.content }) : undefined
      }) as never)
    },
  }
}
