/** An MCP server that is not to be trusted, behind a guarded client: started as a process, asked over stdio. */
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { guardMcpClient } from '@parapet/adapters/mcp'
import { createGuard, definePolicy, patterns, secrets, when } from 'parapet'

const injection = patterns({
  id: 'injection',
  version: '1',
  patterns: [
    {
      label: 'override',
      regex: /\bignore (all |your )?(previous|prior|earlier) instructions\b/i,
      maxCharacters: 40,
    },
  ],
})
const stage = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
const policy = definePolicy({
  id: 'notes',
  version: '1',
  toolCall: { ...stage, rules: [when(secrets()).found().block()] },
  toolResult: { ...stage, rules: [when(injection).found().block(), when(secrets()).found().redact()] },
})
const guard = createGuard({ policy })

const client = guardMcpClient(guard, new Client({ name: 'example', version: '1.0.0' }), {
  onWithheld: ({ stage: at, toolName }) => console.log(`withheld: ${at} of ${toolName}`),
})
await client.connect(
  new StdioClientTransport({
    command: process.execPath,
    args: [fileURLToPath(new URL('mcp-notes/server.ts', import.meta.url))],
  }),
)

const { tools } = await client.listTools()
console.log(`tools: ${tools.map(({ name }) => name).join(', ')}`)

const show = async (id: string) => {
  const { content } = await client.callTool({ name: 'read_note', arguments: { id } })
  const [block] = content as { text?: string }[]
  console.log(`note ${id}: ${block?.text}`)
}
await show('1')
await show('2')
await show('AKIAQ4LBZ7TNR5JXK2WM')

await client.close()
await guard.close()
