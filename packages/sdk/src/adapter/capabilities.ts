/** What an answer, or a request, of a provider can hold that an adapter must deal with; each row of a capability table. */
export const CAPABILITIES = {
  'input.text': 'Text of the request',
  'input.history': 'Earlier answers, reasoning and tool calls that the request carries',
  'input.toolResult': 'Results of tools that the request carries',
  'input.media': 'Images, audio and files of the request',
  'output.text': 'Text of the answer',
  'output.structured': 'Structured output (JSON)',
  'output.reasoning': 'Reasoning',
  'output.signedReasoning': 'Reasoning that the provider signed',
  'output.toolCall': 'Tool calls and their arguments',
  'output.toolResult': 'Results of tools that the provider runs',
  'output.media': 'Images, audio and files of the answer',
  'output.sources': 'Sources and citations',
  'output.choices': 'Several choices in one answer',
  'output.metadata': 'Metadata of the provider, log-probabilities among it',
  'output.raw': 'Raw chunks and bodies of the wire format',
  'output.unknown': 'Parts that the adapter does not know',
} as const

export type Capability = keyof typeof CAPABILITIES

/**
 * What an adapter does with it: `judged` by the rules of its stage; `abstains`, because nothing can read it, and
 * `onAbstain` decides; `withheld` from the caller; `refused` with a typed error; `absent` from the provider's interface.
 */
export type Handling = 'judged' | 'abstains' | 'withheld' | 'refused' | 'absent'

/** What an adapter does with each kind of content. Kept true by the adapter contract of `@parapet/sdk/testing`. */
export type AdapterCapabilities = Readonly<
  Record<Capability, { readonly handling: Handling; readonly note?: string }>
>
