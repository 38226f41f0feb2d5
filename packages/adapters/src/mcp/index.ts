export { ADAPTER_ERRORS } from '../errors/codes.ts'
export type { WithheldTool } from '../tool-call/withheld-tool.ts'
export { MCP_CAPABILITIES } from './capabilities.ts'
export { type GuardMcpOptions, guardMcpClient } from './guard-mcp-client.ts'
