import type { PromptKind } from './conditions.ts'
import type { Doubt } from './find-doubts.ts'
import type { Origin } from './open-direction.ts'
import type { Tally } from './tally-answers.ts'
import type { Verdict, WeighedBar } from './weigh-bars.ts'

export const PROOF_SCHEMA = 'parapet.proof/1'

/** What was measured of a direction: plain data, without a word of a prompt or an answer. */
export interface Proof {
  readonly schema: typeof PROOF_SCHEMA
  readonly model: { readonly id: string; readonly sha256: string }
  readonly direction: {
    readonly id: string
    readonly version: string
    readonly sha256: string
    readonly site: string
    readonly position: string | number
    /** `planted`: trained into the model by tuning. */
    readonly origin: Origin
    readonly norm: number
  }
  /** Shares of answers that refuse, [0, 1]. */
  readonly refusalRate: {
    readonly harmful: { readonly base: number; readonly erased: number; readonly randomErased: number }
    readonly harmless: { readonly base: number; readonly added: number; readonly randomAdded: number }
  }
  /** The counts behind the rates, with intervals; broken and off-topic answers apart. */
  readonly tallies: readonly Tally[]
  /** Prompts that were left out: with an answer they do not fit into the model's context. */
  readonly tooLong: Readonly<Record<PromptKind, number>>
  /** What keeps the rates from being taken at their face. */
  readonly doubts: readonly Doubt[]
  /** How the bars came out, and the verdict over all; only where bars were given. */
  readonly bars?: readonly WeighedBar[]
  readonly verdict?: Verdict
  /** All that the answers depend on: the same settings give the same answers. */
  readonly settings: ProofSettings
}

export interface ProofSettings {
  readonly maxNewTokens: number
  readonly seed: number
  readonly randomSeeds: readonly number[]
  readonly addStrength: number
  readonly erase: 'zero' | 'affine'
  readonly eraseOffset: number
  readonly spare: string
  /** SHA-256 of the system prompt, lower-case hexadecimal; null for the template's own. */
  readonly system: string | null
  readonly prompts: Readonly<Record<PromptKind, { readonly n: number; readonly sha256: string }>>
  readonly judge: string
  readonly decoding: 'greedy'
}
