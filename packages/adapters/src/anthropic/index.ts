export type { ParapetCallOptions } from '../answer/request-context.ts'
export { ADAPTER_ERRORS } from '../errors/codes.ts'
export type { ParapetMember } from '../wire/parapet-member.ts'
export {
  DEFAULT_PROVIDER_OPTIONS as DEFAULT_ANTHROPIC_OPTIONS,
  type ProviderOptions as GuardAnthropicOptions,
} from '../wire/provider-options.ts'
export { parapet } from './call-context.ts'
export { ANTHROPIC_CAPABILITIES } from './capabilities.ts'
export { decisionOf, isGuardMessage } from './decision-of.ts'
export { guardAnthropic } from './guard-anthropic.ts'
export { type ResumedMessage, resumeAnswer } from './resume-answer.ts'
