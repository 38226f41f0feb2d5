export type { ParapetCallOptions } from '../answer/request-context.ts'
export { ADAPTER_ERRORS } from '../errors/codes.ts'
export type { ParapetMember } from '../wire/parapet-member.ts'
export {
  DEFAULT_PROVIDER_OPTIONS as DEFAULT_HUGGING_FACE_OPTIONS,
  type ProviderOptions as GuardHuggingFaceOptions,
} from '../wire/provider-options.ts'
export { HUGGING_FACE_CAPABILITIES } from './capabilities.ts'
export { guardHuggingFace } from './guard-hugging-face.ts'
export { type ResumedCall, type ResumedChat, resumeAnswer } from './resume-answer.ts'
export { HUGGING_FACE_TASKS } from './tasks.ts'
