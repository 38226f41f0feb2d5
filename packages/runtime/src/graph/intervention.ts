/**
 * A change of the residual stream while a model runs (Arditi et al. 2024, section 2.4). Erasing comes first: what is
 * added is not erased. Tokens that are generated are changed like the prompt's.
 */
export interface Intervention {
  /** x ← x − strength · r̂(r̂ᵀx − offset): at the embedding, and in what each block's attention and MLP write. */
  readonly erase?: EraseDirection
  /** x ← x + strength · r at the input of one block. */
  readonly add?: AddVector
  /**
   * Positions of the prompt that are left alone: `sinks` are the first token and every position whose residual norm is
   * a massive outlier in the model as it is; `first` the first token; `none`. @default 'sinks'
   */
  readonly spare?: 'sinks' | 'first' | 'none'
}

export interface EraseDirection {
  /** A unit vector: float32[hidden]. */
  readonly direction: Float32Array
  /** The share of r̂ᵀx that is taken away, [0, 1]. @default 1 */
  readonly strength?: number
  /** What r̂ᵀx is brought to: the mean over harmless prompts for the affine form. @default 0 */
  readonly offset?: number
}

export interface AddVector {
  /** The vector as it is, not normalised: float32[hidden]. */
  readonly vector: Float32Array
  /** The block at whose input it is added, counted from 0. */
  readonly block: number
  /** How often it is added. @default 1 */
  readonly strength?: number
}
