import type { Judge } from './judge.ts'

/** What the kit asks of a guard, in no provider's form. */
export interface CallRequest {
  readonly prompt: string
  /** The prompt is followed by a tool call of the model and this result of it. */
  readonly toolResult?: string
  /** Offers the tool `note`, which takes `{ text }`. @default false */
  readonly tools?: boolean
  /** Asks for JSON. @default false */
  readonly json?: boolean
  /** Choices asked for. @default 1 */
  readonly choices?: number
  /** Aborted when the kit has waited long enough: the call is given up. */
  readonly signal: AbortSignal
}

/**
 * Where a piece belongs. `message` is the guard's own word for end users. `event` is everything that the guard hands on,
 * printed: it finds what hides beside the answer.
 */
export type PieceKind = 'text' | 'reasoning' | 'toolCall' | 'message' | 'event'

/** Something that the guard handed to its caller. Pieces of one kind and choice are one text. */
export interface Piece {
  readonly kind: PieceKind
  /** @default 0 */
  readonly choice?: number
  readonly text: string
}

/** How a call ended: as the provider ended it; stopped by the guard; or failed with an error. */
export type Ending =
  | { readonly kind: 'finished' }
  /** `status`: the HTTP status that says so. */
  | { readonly kind: 'stopped'; readonly status?: number }
  | { readonly kind: 'failed'; readonly error: unknown }

/** What a target is opened with. */
export interface TargetSetup {
  /** The provider: a base URL, `/v1` included, with OpenAI's chat and responses routes and Anthropic's messages route. */
  readonly upstreamUrl: string
  /** The one check that the guard is set up with, on the request and on the answer. */
  readonly judge: Judge
  /** How long a check may take, for guards that can be told. Milliseconds. */
  readonly checkTimeoutMs: number
}

/** A guard around the kit's provider. Both calls tell each piece at the moment the caller has it. */
export interface OpenTarget {
  generate(request: CallRequest, receive: (piece: Piece) => void): Promise<Ending>
  stream(request: CallRequest, receive: (piece: Piece) => void): Promise<Ending>
  close(): Promise<void>
}

/** A guard under test, set up as its own documentation says. */
export interface Target {
  readonly name: string
  readonly version: string
  /** How it is set up, in one sentence: what its documentation calls it, and every setting. */
  readonly how: string
  /** Rows that cannot be asked of it, each with the reason. Never a row that it would fail. */
  readonly notApplicable?: Readonly<Record<string, string>>
  open(setup: TargetSetup): Promise<OpenTarget>
}
