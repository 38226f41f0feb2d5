import type { ReviewInput, ReviewOutput, ReviewTransactions } from '../review-store.ts'
import { appeal, offerAppeal } from './appeal.ts'
import { claim, extend } from './claim.ts'
import { decide } from './decide.ts'
import { enqueue } from './enqueue.ts'
import { erase } from './erase.ts'
import { release, skip } from './give-back.ts'
import { findItem } from './require-item.ts'
import type { RowProgram } from './review-rows.ts'
import { sweep } from './sweep.ts'
import { undo } from './undo.ts'
import { useGrant } from './use-grant.ts'
import { view } from './view.ts'

/** The calls that only read, in ways that each store has its own queries for. */
export type ReviewReads = 'list' | 'count' | 'events' | 'settled'

type RuledCall = Exclude<keyof ReviewTransactions, ReviewReads>

const RULES: {
  readonly [Call in RuledCall]: (at: number, input: ReviewInput<Call>) => RowProgram<ReviewOutput<Call>>
} = {
  enqueue,
  get: (_at, named) => findItem(named),
  view,
  claim,
  extend,
  release,
  skip,
  decide,
  undo,
  useGrant,
  offerAppeal,
  appeal,
  erase,
  sweep: (at) => sweep(at),
}

/**
 * What a call does, for every store alike: pure but for ids and tokens, and for what it asks of the store; undefined for the
 * calls that only read. A store runs it in a transaction of its own, after `sweep` at the same moment. What it returns is the
 * call's `ReviewOutput`.
 */
export function rulesOf<Call extends keyof ReviewTransactions>(
  call: Call,
  at: number,
  input: ReviewInput<Call>,
): RowProgram<unknown> | undefined {
  if (!Object.hasOwn(RULES, call)) return undefined
  const rules = RULES[call as RuledCall] as (at: number, input: unknown) => RowProgram<unknown>
  return rules(at, input)
}
