import type { Decision, Steering } from '../decision/decision.ts'
import type { JsonObject } from '../json/json.ts'
import type { Policy } from '../policy/policy.ts'
import type { ReviewItem } from '../review/review-item.ts'
import type { Message, MessageInput } from '../subject/message.ts'
import type { Stage } from '../subject/stage.ts'
import type { RequestContext } from '../subject/subject.ts'

/** A question put to the guard without a provider. */
export interface CheckRequest {
  readonly stage: Stage
  readonly text: string
  /** The text is JSON (a tool's arguments): judged by its decoded leaves, in which edits then count. @default false */
  readonly json?: boolean
  /** The conversation before the text, oldest first. */
  readonly conversation?: readonly MessageInput[]
  readonly context?: RequestContext
  readonly signal?: AbortSignal
}

/**
 * How judged content may go on. An adapter acts on this and on nothing else.
 * `message` is the text for end users, in the request's locale.
 */
export type Passage<Content> =
  | { readonly kind: 'released'; readonly decision: Decision; readonly content: Content }
  | { readonly kind: 'blocked'; readonly decision: Decision; readonly message: string }
  /** Held, and not decided while the call waited: `resume(ticket)` later. */
  | { readonly kind: 'held'; readonly decision: Decision; readonly ticket: string; readonly message: string }

/** An answer as an adapter collected it: its judged parts, in order. */
export interface Answer {
  readonly parts: readonly AnswerPart[]
}

/** A judged part of an answer. Structured output is `json: true` and judged by its decoded leaves. */
export type AnswerPart = (
  | { readonly stage: 'output' | 'reasoning'; readonly text: string; readonly json?: boolean }
  | {
      readonly stage: 'toolCall' | 'toolResult'
      readonly toolName: string
      readonly text: string
      readonly json: boolean
    }
  | { readonly stage: 'output' | 'toolResult'; readonly media: string }
) & {
  /** What the adapter makes its own part from again when the answer is resumed: kinds and ids, never content. Not judged. */
  readonly origin?: JsonObject
}

/** What a gate gives back for each push: text that may reach the caller now. */
export interface GateRelease {
  readonly id: string
  readonly text: string
}

/** How a text stands to the other texts of an answer. */
export interface PushOptions {
  /**
   * It is read together with the other texts of its stage, in the order in which they begin: what is cut in two where one
   * of them ends is found, and an edit takes from each what it holds of it. False for what no reader reads so, such as
   * another choice. It counts when the part begins. @default true for `push`, false for `pushPart`
   */
  readonly joined?: boolean
}

/**
 * Judges an answer while it arrives. One gate per part of the answer that streams; parts with the same id are one text.
 * Nothing it returns is unjudged.
 */
export interface StreamGate {
  /** Adds text to the part `id`; returns what may be released now (maybe nothing). Rejects when the gate has closed. */
  push(id: string, stage: 'output' | 'reasoning', delta: string, options?: PushOptions): Promise<GateStep>
  /** Adds a whole part: tool calls and results, media, structured output. */
  pushPart(id: string, part: AnswerPart, options?: PushOptions): Promise<GateStep>
  /**
   * Ends the part `id`: its tail is judged. It is released once what may follow cannot change it any more: with a later
   * step, where it is joined. Parts that began after it wait for it, so releases come in the answer's order.
   */
  endPart(id: string): Promise<GateStep>
  /** Ends the answer: everything that is left is judged, holds are waited for, the decision is recorded. */
  end(): Promise<GateStep>
  /** Gives up (caller gone, provider error): records what was decided so far. */
  cancel(): Promise<void>
}

/** A step of the gate: what may go out, and whether it is over. */
export type GateStep =
  | { readonly kind: 'open'; readonly release: readonly GateRelease[] }
  /** The answer is over, whole: `release` is the rest. */
  | { readonly kind: 'done'; readonly release: readonly GateRelease[]; readonly decision: Decision }
  /** Nothing more may go out but `message`. The provider's call must be aborted. */
  | {
      readonly kind: 'blocked'
      readonly release: readonly GateRelease[]
      readonly decision: Decision
      readonly message: string
    }
  | {
      readonly kind: 'held'
      readonly release: readonly GateRelease[]
      readonly decision: Decision
      readonly ticket: string
      readonly message: string
    }

/** How a provider is asked: what an adapter gives to `Exchange.ask`. */
export interface Asking<Result> {
  /**
   * Calls the provider with the messages as they were released. The signal aborts when nobody gets this answer: the
   * request was blocked or held while the call ran.
   */
  readonly call: (
    messages: readonly Message[],
    signal: AbortSignal,
    /** Where the model is to answer with its refusal direction added; only where `steers` says that it can. */
    steering?: Steering,
  ) => Result | PromiseLike<Result>
  /** The model can be steered: `steer` rules reach `call` in place of blocking. @default false */
  readonly steers?: boolean
  /**
   * What the request does at the provider besides being answered, in short names: `provider-tool`, `mcp`, `stored`. A
   * guard that speculates refuses it: a block could not undo it. @default none
   */
  readonly effects?: readonly string[]
  /** Lets go of an answer that nobody gets, such as a stream that was opened; the signal has aborted. @default nothing */
  readonly discard?: (result: Result) => unknown
}

/** What became of a question to the provider. */
export type Asked<Result> =
  | {
      readonly kind: 'answered'
      readonly decision: Decision
      /** The messages that the provider was asked with. */
      readonly content: readonly Message[]
      /** What the provider gave: not judged yet. */
      readonly answer: Result
    }
  | Exclude<Passage<readonly Message[]>, { kind: 'released' }>

/** One request, from its messages to the end of its answer. Holds no state of any other request. */
export interface Exchange {
  /** Judges everything the call brings in: user text, tool results and the history a caller sent. Waits for a hold. */
  input(): Promise<Passage<readonly Message[]>>
  /**
   * Judges the request as `input` does, and calls the provider when it is released: after the decision or, where the
   * guard speculates, beside it.
   * @throws PARAPET_GUARD_SPECULATION_REFUSED when the guard speculates and the request has effects
   */
  ask<Result>(asking: Asking<Result>): Promise<Asked<Result>>
  /** Opens the gate for the answer. */
  gate(): StreamGate
  /** Judges a whole answer: the same decision, and the same released text, as the gate gives for any chunking. */
  answer(answer: Answer): Promise<AnswerOutcome>
}

/** What became of a whole answer: the parts as they may be released (a prefix of them when it was blocked). */
export interface AnswerOutcome {
  readonly kind: 'released' | 'blocked' | 'held'
  readonly decision: Decision
  /** Text of each part that may be released, edits applied; undefined for a part that may not. */
  readonly parts: readonly (string | undefined)[]
  readonly message?: string
  readonly ticket?: string
}

/** What `resume` finds behind a ticket. */
export type Resumed =
  | { readonly kind: 'pending'; readonly item: ReviewItem }
  | { readonly kind: 'denied'; readonly item: ReviewItem; readonly message: string }
  /** An input hold was approved: call again with this grant. */
  | { readonly kind: 'grant'; readonly item: ReviewItem; readonly grant: string }
  /**
   * The answer to release. An output hold was approved: the stored answer, edits applied, the same each time it is asked for.
   * Or the reviewer edited it, or answered instead of the model (`item.decision.outcome`): that text alone, judged by the
   * output rules each time.
   */
  | { readonly kind: 'answer'; readonly item: ReviewItem; readonly answer: Answer }

/** A policy bound to detectors, a queue and record sinks. */
export interface Guard {
  readonly policy: Policy
  /** Loads every detector, and rejects when one cannot be loaded. Otherwise they load when first needed. */
  warm(): Promise<void>
  /** `sha256:…` over the policy's hash and the digests of the detectors and calibrations: known once they are loaded. */
  bindingHash(): Promise<string>
  check(request: CheckRequest): Promise<Decision>
  /** Begins a request. `grant` is the ticket of an approved input hold. */
  exchange(request: {
    readonly messages: readonly MessageInput[]
    readonly context?: RequestContext
    readonly grant?: string
    readonly signal?: AbortSignal
  }): Exchange
  /**
   * What became of a held request, and of the appeal against it; the same each time it is asked, in any process that shares
   * the queue and the policy. Pass the tenant where tenants share a queue, and the person where a ticket may reach others:
   * of another one it is unknown.
   * @throws PARAPET_TICKET_UNKNOWN; PARAPET_TICKET_EXPIRED when it was approved and its text is gone; PARAPET_GRANT_REFUSED
   * when it was approved under another policy or other detectors
   */
  resume(ticket: string, context?: Pick<RequestContext, 'tenant' | 'subjectKey' | 'locale'>): Promise<Resumed>
  close(): Promise<void>
}
