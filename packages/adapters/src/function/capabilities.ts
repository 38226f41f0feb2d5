import type { AdapterCapabilities } from '@parapet/sdk'

/** What `guardFunction` does with each kind of content. */
export const FUNCTION_CAPABILITIES: AdapterCapabilities = {
  'input.text': { handling: 'judged', note: 'system messages are the developer’s own' },
  'input.history': { handling: 'judged', note: 'by the rules it met when it was new' },
  'input.toolResult': { handling: 'judged' },
  'input.media': { handling: 'abstains', note: 'the function gets its kind, and brings the bytes itself' },
  'output.text': { handling: 'judged' },
  'output.structured': { handling: 'judged', note: 'with `json: true`: whole, by decoded leaves' },
  'output.reasoning': { handling: 'absent', note: 'leave it out, or make it part of the text' },
  'output.signedReasoning': { handling: 'absent' },
  'output.toolCall': { handling: 'absent', note: 'call tools in the function, guarded by `guardTools`' },
  'output.toolResult': { handling: 'absent' },
  'output.media': { handling: 'absent' },
  'output.sources': { handling: 'absent' },
  'output.choices': { handling: 'absent' },
  'output.metadata': { handling: 'absent', note: 'an answer is text and nothing else' },
  'output.raw': { handling: 'absent' },
  'output.unknown': { handling: 'refused', note: 'what is no text: PARAPET_ADAPTER_PART_UNKNOWN' },
}
