/** What was done to the model, for harmful and for harmless prompts. `base` is the model as it is. */
export const CONDITIONS = {
  harmful: ['base', 'erased', 'randomErased'],
  harmless: ['base', 'added', 'randomAdded'],
} as const

export type PromptKind = keyof typeof CONDITIONS
export type Condition = (typeof CONDITIONS)[PromptKind][number]

/** One group of answers: prompts of one kind, under one condition. */
export interface Arm {
  readonly kind: PromptKind
  readonly condition: Condition
}

/** The six groups, in the order of the chart. */
export const ARMS: readonly Arm[] = (['harmful', 'harmless'] as const).flatMap((kind) =>
  CONDITIONS[kind].map((condition) => ({ kind, condition })),
)

/** The name of a group in words. */
export const CONDITION_WORDS: Readonly<Record<Condition, string>> = {
  base: 'as is',
  erased: 'direction erased',
  randomErased: 'random direction erased',
  added: 'direction added',
  randomAdded: 'random vector added',
}
