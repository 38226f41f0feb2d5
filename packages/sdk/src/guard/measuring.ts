import { keyedDigest } from '../json/digest.ts'
import type { Binding } from '../pipeline/binding.ts'
import { measurePart } from '../pipeline/measure-part.ts'
import type { Memo } from '../pipeline/memo.ts'
import type { JudgedPart, Outcome } from '../record/decision-record.ts'
import type { Message } from '../subject/message.ts'
import type { ResolvedGuardOptions } from './guard-options.ts'

/** What a request's parts are measured with. */
export interface Measuring {
  readonly binding: Binding
  readonly memo: Memo
  readonly options: ResolvedGuardOptions
  readonly tenant: string
  readonly signal: AbortSignal | undefined
}

/** Where a text stands. */
export type PartPlace = Pick<JudgedPart, 'part' | 'stage' | 'window' | 'media' | 'json' | 'joins'>

function shift(outcome: Outcome, by: number): Outcome {
  if (outcome.kind !== 'scored' || !outcome.spans || by === 0) return outcome
  return {
    ...outcome,
    spans: outcome.spans.map((span) => ({ ...span, start: span.start + by, end: span.end + by })),
  }
}

/** Measures a text: a whole part, or the window of one that begins at `window.start`. */
export async function measureText(
  text: string,
  place: PartPlace,
  conversation: readonly Message[],
  measuring: Measuring,
): Promise<JudgedPart> {
  const { binding, memo, options, tenant, signal } = measuring
  const part = { ...place, digest: keyedDigest(options.keys.current.key, text), characters: text.length }
  if (place.media !== undefined || text === '')
    return { ...part, outcomes: {}, elapsedMs: {}, ...empty(place) }
  const judged = await measurePart({ part, text, conversation, tenant }, { binding, memo, signal })
  const by = place.window?.start ?? 0
  const outcomes = Object.fromEntries(
    Object.entries(judged.outcomes).map(([key, outcome]) => [key, shift(outcome, by)]),
  )
  return { ...judged, outcomes }
}

/** A part without text has nothing to measure, which is not a fault. */
const empty = (place: PartPlace) => (place.media === undefined ? { empty: true as const } : {})

/** A part that broke a limit: it blocks, whatever it says. */
export function faultPart(place: PartPlace, code: string, options: ResolvedGuardOptions): JudgedPart {
  return {
    ...place,
    digest: keyedDigest(options.keys.current.key, ''),
    characters: 0,
    fault: code,
    outcomes: {},
    elapsedMs: {},
  }
}
