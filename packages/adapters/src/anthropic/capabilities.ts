import type { AdapterCapabilities } from '@parapet/sdk'

/** What `guardAnthropic` does with each kind of content. */
export const ANTHROPIC_CAPABILITIES: AdapterCapabilities = {
  'input.text': { handling: 'judged', note: 'system texts and tool definitions are the developer’s own' },
  'input.history': { handling: 'judged', note: 'by the rules it met when it was new; `thread` is refused' },
  'input.toolResult': { handling: 'judged', note: 'nested blocks too' },
  'input.media': { handling: 'abstains', note: 'documents that are text are judged' },
  'output.text': { handling: 'judged' },
  'output.structured': { handling: 'judged', note: 'whole, by decoded leaves; stays valid JSON' },
  'output.reasoning': { handling: 'judged', note: '`redacted_thinking` is sealed, and passes' },
  'output.signedReasoning': { handling: 'judged', note: 'never edited: ends before the edit, unsigned' },
  'output.toolCall': { handling: 'judged', note: 'whole; the provider’s own tools and MCP too' },
  'output.toolResult': { handling: 'judged', note: 'of tools that the provider runs' },
  'output.media': { handling: 'abstains', note: 'files that code wrote, fetched PDF' },
  'output.sources': { handling: 'judged', note: 'citations and search results' },
  'output.choices': { handling: 'absent' },
  'output.metadata': { handling: 'withheld', note: 'counts, names and sealed members pass' },
  'output.raw': { handling: 'judged', note: 'raw responses hold what was released' },
  'output.unknown': { handling: 'refused', note: 'PARAPET_ADAPTER_PART_UNKNOWN' },
}
