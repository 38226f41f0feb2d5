import type { AdapterCapabilities } from '../../adapter/capabilities.ts'
import type { Guard } from '../../guard/guard.ts'
import type { MessageInput } from '../../subject/message.ts'
import type { RequestContext } from '../../subject/subject.ts'

/** A piece of a scripted provider's answer, in no provider's form. */
export type UpstreamPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reasoning'; readonly text: string; readonly signature?: string }
  | { readonly kind: 'toolCall'; readonly id: string; readonly name: string; readonly input: string }
  /** The result of a tool that the provider ran; `result` is JSON text. */
  | { readonly kind: 'toolResult'; readonly id: string; readonly name: string; readonly result: string }
  | { readonly kind: 'media'; readonly mediaType: string }
  | { readonly kind: 'source'; readonly url: string; readonly title: string }
  /** A part of a kind that the adapter has never heard of, with a text in it. */
  | { readonly kind: 'unknown'; readonly text: string }

/** What a scripted provider does when it is called. */
export interface UpstreamScript {
  readonly parts: readonly UpstreamPart[]
  /** More choices, where the provider's answers have them. */
  readonly choices?: readonly (readonly UpstreamPart[])[]
  /**
   * How it ends: as it should; with an error of the provider in mid-answer (unstreamed: of the call); without an end
   * (unstreamed: like `finish`); or never. @default 'finish'
   */
  readonly end?: 'finish' | 'error' | 'early' | 'stall'
  /** Where texts and arguments are cut when they stream, in UTF-16 units. @default every 7 */
  readonly chunk?: (text: string) => readonly string[]
  /** A text that stands in every side door: metadata, log-probabilities, raw chunks, bodies. */
  readonly sideText?: string
}

/** What reached the scripted provider. */
export interface UpstreamLog {
  /** All text of each call's prompt, as the provider would read it. */
  readonly prompts: readonly string[]
  /** Whether the call was aborted, or its stream cancelled. */
  readonly aborted: boolean
  /** Pieces of the answer that were pulled out of it. */
  readonly delivered: number
}

/** A request, in no provider's form. */
export interface ContractRequest {
  readonly messages: readonly MessageInput[]
  readonly context?: RequestContext
  readonly grant?: string
  /** Asks for structured output. */
  readonly structured?: boolean
  /** Asks for something with effects at the provider: one of its own tools, a stored response. */
  readonly effects?: boolean
  readonly signal?: AbortSignal
}

/** What the caller of a stream sees and does. */
export interface StreamObserver {
  /** Called with each piece of text or reasoning as the caller gets it. */
  onText?(stage: 'output' | 'reasoning', text: string): void
  /** The caller goes away after so many pieces of text. */
  readonly leaveAfter?: number
}

/** What the caller got, in no provider's form. */
export interface ContractAnswer {
  /** Text of the answer, without the message for end users. */
  readonly text: string
  readonly reasoning: string
  /** Whether the reasoning kept its signature. */
  readonly signed: boolean
  readonly toolCalls: readonly { readonly name: string; readonly input: string }[]
  readonly toolResults: readonly { readonly name: string; readonly result: string }[]
  readonly media: readonly string[]
  readonly sources: readonly { readonly url: string; readonly title: string }[]
  /** Text of the further choices. */
  readonly choices: readonly string[]
  /** As the provider ended it; filtered by the guard; failed with `error`; or left by the caller. */
  readonly ending: 'finished' | 'filtered' | 'failed' | 'left'
  /** The message for end users, when it was filtered. */
  readonly message?: string
  readonly decisionId?: string
  readonly ticket?: string
  readonly error?: unknown
  /** Everything that the caller got, in one text. */
  readonly visible: string
}

/** An adapter around a scripted provider, bound to a guard. */
export interface AdapterUnderTest {
  readonly upstream: UpstreamLog
  generate(request: ContractRequest): Promise<ContractAnswer>
  stream(request: ContractRequest, observer?: StreamObserver): Promise<ContractAnswer>
}

/** How the contract drives an adapter: written once for each adapter, in its tests. */
export interface AdapterDriver {
  readonly name: string
  readonly capabilities: AdapterCapabilities
  /**
   * The adapter asks by `Exchange.ask`, so that a guard may speculate; and what it does with requests that have effects
   * at the provider, where its interface has such. Without it, the contract has no cases of speculation.
   */
  readonly speculation?: { readonly effects: 'refused' | 'absent' }
  /** A fresh adapter around a fresh provider. */
  open(setup: { readonly guard: Guard; readonly script: UpstreamScript }): AdapterUnderTest
}

/** A case of the contract: any test runner can run it. */
export interface AdapterContractCase {
  readonly name: string
  readonly run: () => Promise<void>
}
