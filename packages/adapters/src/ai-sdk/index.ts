export type { ParapetCallOptions } from '../answer/request-context.ts'
export { ADAPTER_ERRORS } from '../errors/codes.ts'

export { AI_SDK_CAPABILITIES } from './capabilities.ts'
export { guardMiddleware } from './guard-middleware.ts'
export { DEFAULT_MIDDLEWARE_OPTIONS, type GuardMiddlewareOptions } from './options.ts'
export { type ResumedAnswer, resumeAnswer } from './resume-answer.ts'
