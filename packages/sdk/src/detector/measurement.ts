/** A stretch of a text: UTF-16 units, `end` exclusive. */
export interface Span {
  readonly label: string
  readonly start: number
  readonly end: number
}

/** Why a detector has no opinion on a subject. */
export type AbstainReason = 'language' | 'length' | 'modality' | 'stage'

export const ABSTAIN_REASONS = [
  'language',
  'length',
  'modality',
  'stage',
] as const satisfies readonly AbstainReason[]

/** A score in [0, 1] for every label of the detector, and spans where it can point at the place. */
export interface Scored {
  readonly kind: 'scored'
  readonly scores: Readonly<Record<string, number>>
  readonly spans?: readonly Span[]
}

/** Outside what the detector was calibrated for. `scores` are what it would have said, where it could. */
export interface Abstained {
  readonly kind: 'abstained'
  readonly reason: AbstainReason
  readonly scores?: Readonly<Record<string, number>>
}

/** The question was not answered. `code` names the fault. */
export interface Failed {
  readonly kind: 'failed'
  readonly code: string
}

/** What a detector says of a subject. Never anything else. */
export type Measurement = Scored | Abstained | Failed
