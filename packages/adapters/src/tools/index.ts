export { ADAPTER_ERRORS } from '../errors/codes.ts'
export { DEFAULT_TOOLS_OPTIONS, type GuardToolsOptions } from '../tool-call/tool-options.ts'
export type { WithheldTool } from '../tool-call/withheld-tool.ts'
export { TOOLS_CAPABILITIES } from './capabilities.ts'
export {
  guardToolApproval,
  type ToolApproval,
  type ToolApprovalQuestion,
} from './guard-tool-approval.ts'
export { type ExecutableTool, type GuardableTool, type GuardedTool, guardTools } from './guard-tools.ts'
