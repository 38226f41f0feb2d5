import { knownHeaders } from '../answer/known-forms.ts'
import type { ParapetMember } from '../wire/parapet-member.ts'
import { sseFrame } from '../wire/sse-frame.ts'
import type { WireEvent } from './wire-events.ts'

/** Headers of an answer: the provider's that are known, and what the caller learns of the decision. */
export function answerHeaders(
  provider: Headers | undefined,
  contentType: 'application/json' | 'text/event-stream',
  parapet?: ParapetMember,
): Record<string, string> {
  return {
    ...knownHeaders(provider && Object.fromEntries(provider)),
    'content-type': contentType,
    ...(parapet ? { 'x-parapet-decision-id': parapet.decisionId } : {}),
    ...(parapet?.ticket === undefined ? {} : { 'x-parapet-ticket': parapet.ticket }),
  }
}

export const eventFrame = (event: WireEvent): Uint8Array => sseFrame(event, event.type)
