import type { RequestContext } from '@parapet/sdk'
import type { LitellmRequest } from './wire.ts'

/** Whom a request of LiteLLM is for. */
export interface LitellmContext {
  readonly context: Omit<RequestContext, 'tenant'>
  readonly grant: string | undefined
}

/** LiteLLM's ids are its users' choice: one that the guard cannot store is left out, and the rest goes on. */
const usable = (id: string | null | undefined): id is string =>
  typeof id === 'string' && id.length >= 1 && id.length <= 300 && id.isWellFormed() && !/\p{Cc}/u.test(id)

/**
 * The call's id finds a held request again when LiteLLM retries. `grant` and `locale` come from
 * `additional_provider_specific_params`, which a caller of LiteLLM can fill: nothing that loosens a rule is read from there.
 */
export function litellmContext(request: LitellmRequest): LitellmContext {
  const { user_api_key_end_user_id: endUser, user_api_key_user_id: user } = request.request_data ?? {}
  const { grant, locale } = request.additional_provider_specific_params ?? {}
  const subjectKey = [endUser, user].find(usable)
  const requestId = request.litellm_call_id
  return {
    grant: usable(grant) ? grant : undefined,
    context: {
      ...(subjectKey === undefined ? {} : { subjectKey }),
      ...(usable(requestId) ? { requestId } : {}),
      ...(usable(locale) ? { locale } : {}),
    },
  }
}
