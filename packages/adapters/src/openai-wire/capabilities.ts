import type { AdapterCapabilities } from '@parapet/sdk'

const SHARED = {
  'input.text': {
    handling: 'judged',
    note: 'system and developer messages and tool definitions are the developer’s own',
  },
  'input.history': { handling: 'judged', note: 'by the rules it met when it was new' },
  'input.toolResult': { handling: 'judged' },
  'input.media': { handling: 'abstains', note: 'files that are text in the request itself are judged' },
  'output.text': { handling: 'judged', note: 'refusals and transcripts of audio too' },
  'output.structured': { handling: 'judged', note: 'whole, by decoded leaves; stays valid JSON' },
  'output.toolCall': { handling: 'judged', note: 'whole; argument deltas wait for the call' },
  'output.media': { handling: 'abstains', note: 'sound stays back where its transcript was edited' },
  'output.sources': { handling: 'judged' },
  'output.metadata': { handling: 'withheld', note: 'counts and plain names pass; log-probabilities never' },
  'output.raw': { handling: 'withheld', note: 'events and bodies are written anew' },
} as const satisfies Partial<AdapterCapabilities>

/** What the guard does with each kind of content of `POST …/chat/completions`. */
export const OPENAI_CHAT_CAPABILITIES: AdapterCapabilities = {
  ...SHARED,
  'output.reasoning': {
    handling: 'judged',
    note: '`reasoning_content` or `reasoning` of compatible providers',
  },
  'output.signedReasoning': { handling: 'absent' },
  'output.toolResult': { handling: 'absent' },
  'output.choices': { handling: 'judged', note: 'all of them end when one is blocked' },
  'output.unknown': {
    handling: 'refused',
    note: 'parts: PARAPET_ADAPTER_PART_UNKNOWN; members that are not known are left out',
  },
}

/** What the guard does with each kind of content of `POST …/responses`. */
export const OPENAI_RESPONSES_CAPABILITIES: AdapterCapabilities = {
  ...SHARED,
  'output.reasoning': { handling: 'judged', note: 'summaries too' },
  'output.signedReasoning': {
    handling: 'judged',
    note: 'never edited: ends before the edit, without `encrypted_content`',
  },
  'output.toolResult': { handling: 'judged', note: 'of tools that the provider runs' },
  'output.choices': { handling: 'absent' },
  'output.unknown': {
    handling: 'refused',
    note: 'items and parts: PARAPET_ADAPTER_PART_UNKNOWN; events that are not known are left out',
  },
}

/** What the guard makes of what it cannot judge: the second table of the docs. */
export const OPENAI_REFUSALS = {
  '`background: true`': 'refused: PARAPET_ADAPTER_REQUEST_REFUSED',
  '`previous_response_id`, `conversation`, `item_reference`':
    'refused, for the guard has not seen that history: PARAPET_ADAPTER_REQUEST_REFUSED',
  'members of a request that are not known and could hold a sentence':
    'refused: PARAPET_ADAPTER_REQUEST_REFUSED',
  'stored answers (`GET …/responses/{id}`, `GET …/chat/completions/{id}`, conversations)':
    'refused: PARAPET_ADAPTER_ROUTE_REFUSED',
  'batches, assistants, threads, evals, legacy completions, contents of files':
    'refused: PARAPET_ADAPTER_ROUTE_REFUSED',
  'images, audio, videos and other routes that make media':
    'refused: PARAPET_ADAPTER_ROUTE_REFUSED; `passRoutes` lets them pass',
  'realtime, live and responses over WebSockets':
    'not reached: classes of their own open them with the key. Give those no guarded client',
  'models, embeddings, moderations, files (not their contents), uploads, vector stores, counts of tokens':
    'pass unjudged',
  '`store: true`': 'passes: the provider keeps the answer unedited, and the guard gives no way to read it',
} as const
