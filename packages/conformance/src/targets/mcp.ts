import { guardMcpClient } from '@parapet/adapters/mcp'
import { kitGuard } from './kit-guard.ts'
import { loadMcp } from './load-mcp.ts'
import { toolApp } from './tool-app.ts'

/** A tool of an MCP server, called through a guarded client; both are in this process. */
export const mcp = toolApp({
  name: 'parapet/mcp',
  how: "guardMcpClient around a client of @modelcontextprotocol/sdk, with `onBlock: 'throw'`, and a server in memory (docs/adapters/mcp.md)",
  async open(setup, run) {
    const { Client, InMemoryTransport, Server, CallToolRequestSchema, ListToolsRequestSchema } =
      await loadMcp()
    const guard = kitGuard(setup)
    const server = new Server({ name: 'kit', version: '1' }, { capabilities: { tools: {} } })
    server.setRequestHandler(ListToolsRequestSchema, () => ({
      tools: [{ name: 'note', description: 'Takes a note.', inputSchema: { type: 'object' } }],
    }))
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
      content: [{ type: 'text', text: run(params.arguments) }],
    }))
    const client = guardMcpClient(guard, new Client({ name: 'kit', version: '1' }), { onBlock: 'throw' })
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    await server.connect(theirs)
    await client.connect(ours)
    return {
      async call(input) {
        const result = await client.callTool({ name: 'note', arguments: input as Record<string, unknown> })
        return JSON.stringify(result.content)
      },
      async close() {
        await client.close()
        await guard.close()
      },
    }
  },
})
