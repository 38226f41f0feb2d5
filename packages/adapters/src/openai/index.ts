export type { ParapetCallOptions, RequestFor } from '../answer/request-context.ts'
export { ADAPTER_ERRORS } from '../errors/codes.ts'
export {
  OPENAI_CHAT_CAPABILITIES,
  OPENAI_REFUSALS,
  OPENAI_RESPONSES_CAPABILITIES,
} from '../openai-wire/capabilities.ts'
export { guardedFetch } from '../openai-wire/guarded-fetch.ts'
export { DEFAULT_WIRE_OPTIONS, type WireOptions } from '../openai-wire/options.ts'
export type { Fetch } from '../openai-wire/wire-request.ts'
export { guardOpenAI } from './guard-openai.ts'
export type { GuardOpenAIOptions } from './options.ts'
export { parapetHeaders } from './parapet-headers.ts'
export { type ParapetAnswer, parapetOf } from './parapet-of.ts'
export { type ResumedCompletion, resumedCompletion } from './resumed-completion.ts'
export { type ResumedResponse, resumedResponse } from './resumed-response.ts'
