import type { AdapterCapabilities } from '@parapet/sdk'

/** What `guardHuggingFace` does with each kind of content. */
export const HUGGING_FACE_CAPABILITIES: AdapterCapabilities = {
  'input.text': { handling: 'judged', note: 'system messages and tool definitions are the developer’s own' },
  'input.history': { handling: 'judged', note: 'by the rules it met when it was new' },
  'input.toolResult': { handling: 'judged' },
  'input.media': { handling: 'abstains' },
  'output.text': { handling: 'judged' },
  'output.structured': { handling: 'judged', note: 'whole, by decoded leaves; stays valid JSON' },
  'output.reasoning': { handling: 'judged', note: '`reasoning` leaves as `reasoning_content`' },
  'output.signedReasoning': { handling: 'absent' },
  'output.toolCall': {
    handling: 'judged',
    note: 'whole; pieces of arguments wait for the end of the choice',
  },
  'output.toolResult': { handling: 'absent' },
  'output.media': { handling: 'absent' },
  'output.sources': { handling: 'absent' },
  'output.choices': { handling: 'judged', note: 'choices, and the sequences of `best_of`' },
  'output.metadata': {
    handling: 'withheld',
    note: 'log-probabilities, tokens and prefill; counts and names pass',
  },
  'output.raw': { handling: 'absent', note: 'the client shows none' },
  'output.unknown': { handling: 'refused', note: 'PARAPET_ADAPTER_PART_UNKNOWN' },
}
