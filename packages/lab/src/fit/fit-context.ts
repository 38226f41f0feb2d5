import type { DecoderModel } from '@parapet/runtime'
import type { ProgressMeter } from '../run/progress.ts'
import type { RunFolder } from '../run/run-folder.ts'
import type { ResolvedFitOptions } from './fit-options.ts'

export const KINDS = ['harmful', 'harmless'] as const
export type Kind = (typeof KINDS)[number]
export type PerKind<Value> = Readonly<Record<Kind, Value>>

/** What every stage works with. */
export interface FitContext {
  readonly options: ResolvedFitOptions
  readonly model: DecoderModel
  readonly folder: RunFolder
  readonly meter: ProgressMeter
}

/** A value for each of the two kinds. */
export function perKind<Value>(make: (kind: Kind) => Value): PerKind<Value> {
  return { harmful: make('harmful'), harmless: make('harmless') }
}
