import type { ModelOptions } from '../weights/model-options.ts'

/** The weights of the text classifiers: one encoder, one pass for all of them. */
export const ENCODER_WEIGHTS = '@parapet/model-encoder'

/** Options of a classifier over a text encoder. */
export interface ClassifierOptions<Label extends string> extends ModelOptions {
  /** The labels to score, a subset of those that the weights offer. @default all that the shipped weights offer */
  readonly labels?: readonly Label[]
}
