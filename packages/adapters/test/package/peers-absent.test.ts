import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from '@jest/globals'

it('loads without any client, the MCP SDK and @parapet/runtime, and says what to install when a model is asked', async () => {
  const program = fileURLToPath(new URL('without-peers.ts', import.meta.url))
  const flags = ['--conditions=@parapet/source', '--disable-warning=ExperimentalWarning']

  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program])

  expect(JSON.parse(stdout)).toEqual({
    middleware: 'v4',
    text: 'hello',
    sum: 3,
    mcp: 'function',
    wire: ['function', 'function'],
    guarded: [1, 'function'],
    // Asked for when the local model was, and not before.
    asked: ['@parapet/runtime'],
    code: 'PARAPET_ADAPTER_PEER_MISSING',
    message: expect.stringContaining('npm install @parapet/runtime onnxruntime-node'),
  })
})
