import { isObject, type WireObject } from '../wire/wire-object.ts'
import { copyKnown, type Shape } from './shape.ts'

const SERVER_TOOLS: Shape = { members: { web_search_requests: 'count', web_fetch_requests: 'count' } }
const OUTPUT_DETAILS: Shape = { members: { thinking_tokens: 'count' } }
const CACHE_CREATION: Shape = {
  members: { ephemeral_1h_input_tokens: 'count', ephemeral_5m_input_tokens: 'count' },
}
const COUNTS = {
  input_tokens: 'count',
  output_tokens: 'count',
  cache_creation_input_tokens: 'count',
  cache_read_input_tokens: 'count',
  output_tokens_details: OUTPUT_DETAILS,
  server_tool_use: SERVER_TOOLS,
} as const

const USAGE: Shape = {
  members: {
    ...COUNTS,
    cache_creation: CACHE_CREATION,
    inference_geo: 'name',
    service_tier: 'name',
    speed: 'name',
    iterations: {
      list: { members: { ...COUNTS, type: 'name', model: 'name', cache_creation: CACHE_CREATION } },
    },
  },
}

const CONTAINER: Shape = {
  members: {
    id: 'id',
    expires_at: 'name',
    skills: { list: { members: { skill_id: 'id', type: 'name', version: 'name' } } },
  },
}

const MESSAGE: Shape = {
  members: {
    id: 'id',
    model: 'name',
    container: CONTAINER,
    usage: USAGE,
    diagnostics: {
      members: { cache_miss_reason: { members: { type: 'name', cache_missed_input_tokens: 'count' } } },
    },
  },
}

const CONTEXT_MANAGEMENT: Shape = {
  members: {
    applied_edits: {
      list: {
        members: {
          type: 'name',
          cleared_input_tokens: 'count',
          cleared_tool_uses: 'count',
          cleared_thinking_turns: 'count',
        },
      },
    },
  },
}

/** Why a model stopped. The provider's own explanation is free text, and stays back. */
const STOP_DETAILS: Shape = {
  members: {
    type: 'name',
    category: 'name',
    fallback_credit_token: 'sealed',
    fallback_has_prefill_claim: 'flag',
    recommended_model: 'name',
  },
}

const NO_USAGE = { input_tokens: 0, output_tokens: 0 }

const known = (value: unknown, shape: Shape): WireObject | null => {
  const copy = copyKnown(value, shape)
  return isObject(copy) ? copy : null
}

export const knownUsage = (usage: unknown): WireObject => known(usage, USAGE) ?? NO_USAGE

/** A message without content and end: what stands around an answer. */
export function knownEnvelope(message: unknown): WireObject {
  const { id, model, container, usage, diagnostics } = known(message, MESSAGE) ?? {}
  return {
    id: id ?? `parapet-${crypto.randomUUID()}`,
    type: 'message',
    role: 'assistant',
    model: model ?? 'unknown',
    content: [],
    container: container ?? null,
    diagnostics: diagnostics ?? null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: usage ?? NO_USAGE,
  }
}

/** How a message ended. A stop sequence passes when it is one of the developer's. */
export function knownEnd(end: WireObject, stopSequences: ReadonlySet<unknown>): WireObject {
  const { stop_reason, stop_sequence, stop_details, container, context_management } = end
  const details = known(stop_details, STOP_DETAILS)
  const managed = known(context_management, CONTEXT_MANAGEMENT)
  return {
    delta: {
      stop_reason: copyKnown(stop_reason, 'name') ?? null,
      stop_sequence: stopSequences.has(stop_sequence) ? stop_sequence : null,
      stop_details: details && { ...details, explanation: null },
      container: known(container, CONTAINER),
    },
    ...(managed ? { context_management: managed } : {}),
  }
}
