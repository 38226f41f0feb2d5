import { conformanceError } from '../errors/codes.ts'

/** Of the SDK's many entries, those that the target takes. */
const importMcp = async () => ({
  ...(await import('@modelcontextprotocol/sdk/client/index.js')),
  ...(await import('@modelcontextprotocol/sdk/server/index.js')),
  ...(await import('@modelcontextprotocol/sdk/inMemory.js')),
  ...(await import('@modelcontextprotocol/sdk/types.js')),
})

/**
 * Loads the MCP SDK, an optional peer.
 * @throws PARAPET_CONFORMANCE_PEER_MISSING with the install line
 */
export async function loadMcp(load: typeof importMcp = importMcp): ReturnType<typeof importMcp> {
  try {
    return await load()
  } catch (cause) {
    throw conformanceError(
      'PARAPET_CONFORMANCE_PEER_MISSING',
      { target: 'parapet/mcp', peers: '@modelcontextprotocol/sdk' },
      { cause },
    )
  }
}
