import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { type RequestFor, requestContext } from '../answer/request-context.ts'

/** Whom a call is for, and the call as the provider may see it. */
export interface CallContext extends RequestFor {
  readonly params: LanguageModelV4CallOptions
}

/**
 * Takes `providerOptions.parapet` out of a call.
 * @throws PARAPET_ADAPTER_CONTEXT_INVALID for unknown keys and values that are no texts of 1 to 300 characters
 */
export function takeCallContext(params: LanguageModelV4CallOptions): CallContext {
  const { parapet = {}, ...others } = params.providerOptions ?? {}
  return {
    ...requestContext(parapet, 'providerOptions.parapet'),
    params: params.providerOptions === undefined ? params : { ...params, providerOptions: others },
  }
}
