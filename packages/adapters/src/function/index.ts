export { ADAPTER_ERRORS } from '../errors/codes.ts'
export { FUNCTION_CAPABILITIES } from './capabilities.ts'
export type {
  ChatFunction,
  FunctionAnswer,
  FunctionCallOptions,
  FunctionEnd,
  FunctionEvent,
  GuardedFunction,
} from './chat-function.ts'
export { guardFunction } from './guard-function.ts'
export type { GuardFunctionOptions } from './options.ts'
