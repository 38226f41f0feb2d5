import type { AdapterCapabilities } from '@parapet/sdk'

/** What `guardMiddleware` does with each kind of content. */
export const AI_SDK_CAPABILITIES: AdapterCapabilities = {
  'input.text': { handling: 'judged', note: 'system messages and tool definitions are the developer’s own' },
  'input.history': { handling: 'judged', note: 'by the rules it met when it was new' },
  'input.toolResult': { handling: 'judged' },
  'input.media': { handling: 'abstains', note: 'files that are text (inline or UTF-8) are judged' },
  'output.text': { handling: 'judged' },
  'output.structured': { handling: 'judged', note: 'whole, by decoded leaves; stays valid JSON' },
  'output.reasoning': { handling: 'judged' },
  'output.signedReasoning': { handling: 'judged', note: 'never edited: ends before the edit, unsigned' },
  'output.toolCall': { handling: 'judged', note: 'whole; input deltas wait for the call' },
  'output.toolResult': { handling: 'judged', note: 'of tools that the provider runs' },
  'output.media': { handling: 'abstains', note: 'files that are text are judged' },
  'output.sources': { handling: 'judged' },
  'output.choices': { handling: 'absent' },
  'output.metadata': {
    handling: 'withheld',
    note: 'numbers, names and sealed members pass; others by `trustedMetadata`',
  },
  'output.raw': { handling: 'withheld', note: 'or, with `raw`, passed after an unedited answer' },
  'output.unknown': { handling: 'refused', note: 'PARAPET_ADAPTER_PART_UNKNOWN' },
}
