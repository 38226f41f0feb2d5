import type { Intervention } from '../graph/intervention.ts'
import type { ReadSite } from '../graph/site.ts'
import type { DecoderManifest } from '../model/manifest.ts'
import type { ChatMessage } from '../text/chat-message.ts'
import type { RequestOptions, TooLong } from './reading.ts'
import type { TokenRead, TokenReadRequest } from './token-read.ts'

/** A request to read activations. */
export interface DecoderReadRequest extends RequestOptions {
  /** A conversation, rendered with the model's own chat template. Special tokens in a content are plain text. */
  readonly messages: readonly ChatMessage[]
  /** Where to read; the deepest block asked for decides what the pass costs. */
  readonly sites: readonly ReadSite[]
  /** A longer prompt is answered with `too-long`, before anything is run. @default the manifest's `contextTokens` */
  readonly maxTokens?: number
  /** Whether the template's opening of the assistant's turn is appended. @default true */
  readonly addGenerationPrompt?: boolean
  /**
   * Reads the model while it is changed, in the graph that `firstToken` uses: whole, so it costs a full pass.
   * @default none
   */
  readonly intervention?: Intervention
}

/** The activations of one prompt. */
export interface DecoderRead {
  readonly kind: 'read'
  /** Tokens of the prompt, the template's included. */
  readonly tokens: number
  /** One row for each site asked for, in that order: float32[hidden]. */
  readonly rows: readonly Float32Array[]
  /** Index of the last token of the last user message's text; what is behind it, the template put there. Absent where there is none. */
  readonly lastInstruction?: number
}

export type DecoderReading = DecoderRead | TooLong

/** A request to answer. */
export interface GenerateRequest extends RequestOptions {
  readonly messages: readonly ChatMessage[]
  /** Tokens to write at most, 1 or more. Prompt and answer together stay within the manifest's `contextTokens`. */
  readonly maxNewTokens: number
  /** Texts that end the answer; they are not part of it. @default none */
  readonly stop?: readonly string[]
  /** 0 takes the likeliest token each time; above, tokens are drawn from the tempered distribution. @default 0 */
  readonly temperature?: number
  /** Draws from the smallest set of tokens whose probability reaches this, (0, 1]. @default 1 */
  readonly topP?: number
  /** Seed of the draws: same seed, same answer. @default 0 */
  readonly seed?: number
  /**
   * Answers while the model is changed, in the graph that `firstToken` uses. An intervention without `erase` and `add`
   * changes nothing, and answers in that graph all the same. @default none
   */
  readonly intervention?: Intervention
}

/** A request for what an answer may open with. */
export interface FirstTokenRequest extends RequestOptions {
  readonly messages: readonly ChatMessage[]
  /** What the model changes while it reads. @default none */
  readonly intervention?: Intervention
  /** Text that the answer has opened with already. Special tokens in it are plain text. @default '' */
  readonly prefill?: string
}

/** What an answer may open with. */
export interface FirstToken {
  /** The logits of the first token of the answer: float32[vocabulary]. */
  readonly logits: Float32Array
  /** Tokens of the prompt, the template's and the prefill's included. */
  readonly promptTokens: number
}

/** A piece of an answer: whole characters only, never half a surrogate pair. */
export interface TextDelta {
  readonly text: string
  /** The token that completed this piece. */
  readonly tokenId: number
}

/**
 * Why an answer ended: an end-of-turn token, a stop text, or the cap on new tokens.
 * An abort, a deadline or a crash is an error of the iteration and of `finished`, never a reason.
 */
export type FinishReason = 'end' | 'stop-text' | 'max-tokens'

export interface Finished {
  readonly reason: FinishReason
  /** The whole answer: the deltas joined. */
  readonly text: string
  readonly promptTokens: number
  /** How many of them had been read before, and were not passed again: all, or 0. See `sharedPrefillTokens` of the host. */
  readonly reusedTokens: number
  readonly newTokens: number
}

/** An answer being written. Leaving the iteration early (`break`) aborts it in the host. */
export interface Generation extends AsyncIterable<TextDelta> {
  /** Settles when the answer has ended, whether or not anybody iterates. */
  readonly finished: Promise<Finished>
}

/** What a check of a model's interventions measured. */
export interface InterventionCheck {
  /** Places in the residual stream that were looked at: before each block, within it, and behind the last. */
  readonly sites: number
  /** Tokens of the prompt that was read. */
  readonly positions: number
  /** The logits at strength 0 are those of the file, to the bit. A check that finds another thing throws. */
  readonly identical: true
  /** The most that was left of an erased direction: |r̂ᵀx − offset| / ‖x‖. */
  readonly leak: number
  /** The most that an added vector was off at its block: ‖x′ − x − r‖ / (‖x‖ + ‖r‖). */
  readonly shift: number
}

/** A chat model: read at its residual stream, or answering. */
export interface DecoderModel {
  readonly manifest: DecoderManifest
  /** Loads what `use` needs and runs it once. @default both */
  warm(use?: DecoderUse, options?: RequestOptions): Promise<void>
  /**
   * Reads the residual stream at sites, in a graph that ends behind the deepest of them.
   * @throws `PARAPET_MODEL_SITE_UNKNOWN`, `PARAPET_MODEL_GRAPH_…`, and what `EncoderModel.read` throws
   */
  read(request: DecoderReadRequest): Promise<DecoderReading>
  /**
   * The logits of the first token of an answer, in one pass; with `spare: 'sinks'` in two, unless the prompt was asked
   * for without an intervention before. Base, erased and added are asked in one graph: without an intervention the logits are those of the file to the bit.
   * @throws `PARAPET_MODEL_GRAPH_UNSUPPORTED`, `PARAPET_MODEL_CONTEXT_EXCEEDED`, and what `EncoderModel.read` throws
   */
  firstToken(request: FirstTokenRequest): Promise<FirstToken>
  /**
   * Checks by running it that interventions in this model do what they say: strength 0 leaves the logits as they are to
   * the bit, nothing is left of an erased direction anywhere in the stream, and an added vector is added at its block.
   * Both sessions that it needs are loaded one after the other and let go of.
   * @throws `PARAPET_MODEL_EDIT_UNVERIFIED`, `PARAPET_MODEL_GRAPH_UNSUPPORTED`
   */
  verifyInterventions(options?: RequestOptions): Promise<InterventionCheck>
  /**
   * Reads the last user message, or an answer to it as it grows, token by token, and rows of the prompt beside it.
   * @throws `PARAPET_RUNTIME_REQUEST_INVALID`, and what `read` throws
   */
  readTokens(request: TokenReadRequest): Promise<TokenRead | TooLong>
  /**
   * Answers, token by token. The work starts when it is called; the iteration follows it.
   * @throws (from the iteration and `finished`) `PARAPET_MODEL_CONTEXT_EXCEEDED`, and what `EncoderModel.read` throws
   */
  generate(request: GenerateRequest): Generation
}

/** What to load ahead of the first request: reading at these sites, or generating. */
export interface DecoderUse {
  readonly sites?: readonly ReadSite[]
  readonly generate?: boolean
}
