import type * as FastCheck from 'fast-check'
import { REVIEW_STATES, type ReviewOutcome, type ReviewState } from '../../review/review-item.ts'

/** fast-check as its users import it: handed over, so that nobody needs it who runs no properties. */
export type FastCheckLibrary = Omit<typeof FastCheck, 'default'>

/**
 * A call on a queue in a model's terms. Items, claims and appeal tokens are named by how far back they came to be, round and
 * round (see `nameIn`), so that most calls name one that is there.
 */
export type QueueStep =
  | {
      readonly call: 'enqueue'
      readonly tenant: string
      readonly key: string
      readonly content: string
      readonly subject: string
      readonly kind: 'input' | 'output' | 'audit'
      readonly team: string
      readonly priority: number
      readonly opinions: 1 | 2
      readonly undoMs: number
      /** Undefined: never. */
      readonly escalateInMs: number | undefined
      readonly escalateTo: string
      readonly escalatePriority: number | undefined
      readonly deadlineInMs: number
      readonly textForMs: number
      readonly otherwise: 'allow' | 'block'
    }
  | {
      readonly call: 'claim'
      readonly reviewer: string
      readonly item: number | undefined
      readonly tenant: string | undefined
      readonly team: string | undefined
      readonly leaseMs: number
    }
  | { readonly call: 'extend'; readonly claim: number; readonly leaseMs: number }
  | { readonly call: 'release'; readonly claim: number }
  | { readonly call: 'skip'; readonly claim: number }
  | {
      readonly call: 'decide'
      readonly claim: number
      readonly outcome: ReviewOutcome
      readonly note: string | undefined
      /** Said with the outcomes that need it. */
      readonly answer: string
      /** Names a revision that the item does not have. */
      readonly stale: boolean
    }
  | { readonly call: 'undo'; readonly claim: number }
  | { readonly call: 'offerAppeal'; readonly item: number; readonly tenant: string | undefined }
  | { readonly call: 'appeal'; readonly token: number; readonly withinMs: number }
  | { readonly call: 'useGrant'; readonly item: number; readonly content: string; readonly binding: string }
  | { readonly call: 'erase'; readonly tenant: string; readonly subject: string }
  | { readonly call: 'view'; readonly item: number; readonly reviewer: string }
  | { readonly call: 'get'; readonly item: number }
  | {
      readonly call: 'list'
      readonly states: readonly ReviewState[]
      readonly tenant: string | undefined
      readonly team: string | undefined
      readonly limit: number
    }
  | { readonly call: 'count'; readonly tenant: string | undefined; readonly team: string | undefined }

/**
 * Which of so many things a step's number names, in the order in which they came to be: 0 the latest. One in so many numbers
 * names nothing (-1).
 */
export function nameIn(count: number, back: number): number {
  return count - 1 - (back % (count + 1))
}

/** What the reviewer's text is that goes with an outcome. */
export function answerOf(step: Extract<QueueStep, { call: 'decide' }>): string | undefined {
  return step.outcome === 'edit' || step.outcome === 'answer' ? step.answer : undefined
}

/** Calls that are made at one moment, none waiting for another. */
export interface QueueRound {
  /** Below zero: the clock was set back. */
  readonly advanceMs: number
  /** Which handle on the store makes them. */
  readonly handle: 0 | 1
  readonly steps: readonly QueueStep[]
}

/** Rounds that meet each other: few tenants, keys, people and reviewers, times of the same size. */
export function queueRound(fc: FastCheckLibrary): FastCheck.Arbitrary<QueueRound> {
  const tenant = fc.constantFrom('acme', 'globex')
  const someTenant = fc.option(tenant, { nil: undefined })
  const subject = fc.constantFrom('one', 'two', 'three', 'four')
  const content = fc.constantFrom('a', 'b')
  const reviewer = fc.constantFrom('ada', 'bob', 'cleo')
  const team = fc.constantFrom('day', 'night')
  const someTeam = fc.option(team, { nil: undefined, freq: 2 })
  const item = fc.nat(20)
  const claim = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) })
  const leaseMs = fc.integer({ min: 1, max: 60 })
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        call: fc.constant('enqueue' as const),
        tenant,
        key: fc.constantFrom('k1', 'k2', 'k3'),
        content: fc.oneof({ weight: 5, arbitrary: fc.constant('a') }, { weight: 1, arbitrary: content }),
        subject,
        kind: fc.constantFrom('input' as const, 'output' as const, 'audit' as const),
        team,
        priority: fc.constantFrom(0, 0, 1),
        opinions: fc.constantFrom(1 as const, 2 as const),
        undoMs: fc.constantFrom(0, 40),
        escalateInMs: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
        escalateTo: team,
        escalatePriority: fc.option(fc.constantFrom(0, 2), { nil: undefined }),
        deadlineInMs: fc.oneof(
          { weight: 1, arbitrary: fc.integer({ min: -2, max: 60 }) },
          { weight: 3, arbitrary: fc.integer({ min: 60, max: 400 }) },
        ),
        textForMs: fc.integer({ min: 0, max: 200 }),
        otherwise: fc.constantFrom('allow' as const, 'block' as const),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        call: fc.constant('claim' as const),
        reviewer,
        item: fc.option(item, { nil: undefined }),
        tenant: someTenant,
        team: someTeam,
        leaseMs,
      }),
    },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('extend' as const), claim, leaseMs }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('release' as const), claim }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('skip' as const), claim }) },
    {
      weight: 5,
      arbitrary: fc.record({
        call: fc.constant('decide' as const),
        claim,
        outcome: fc.oneof(
          { weight: 5, arbitrary: fc.constantFrom<ReviewOutcome>('approve', 'reject') },
          { weight: 1, arbitrary: fc.constantFrom<ReviewOutcome>('edit', 'answer') },
        ),
        note: fc.option(fc.constantFrom('n1', 'n2'), { nil: undefined }),
        answer: fc.constantFrom('a1', 'a2'),
        stale: fc.oneof(
          { weight: 9, arbitrary: fc.constant(false) },
          { weight: 1, arbitrary: fc.constant(true) },
        ),
      }),
    },
    { weight: 2, arbitrary: fc.record({ call: fc.constant('undo' as const), claim }) },
    {
      weight: 2,
      arbitrary: fc.record({ call: fc.constant('offerAppeal' as const), item, tenant: someTenant }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        call: fc.constant('appeal' as const),
        token: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(2) }),
        withinMs: fc.integer({ min: 1, max: 60 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        call: fc.constant('useGrant' as const),
        item,
        content: fc.constantFrom('a', 'a', 'a', 'b'),
        binding: fc.constantFrom('binding', 'binding', 'binding', 'other'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        call: fc.constant('erase' as const),
        tenant,
        subject: fc.constantFrom('one', 'two', 'three'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('view' as const), item, reviewer }) },
    { weight: 2, arbitrary: fc.record({ call: fc.constant('get' as const), item }) },
    {
      weight: 1,
      arbitrary: fc.record({
        call: fc.constant('list' as const),
        states: fc.subarray<ReviewState>([...REVIEW_STATES]),
        tenant: someTenant,
        team: someTeam,
        limit: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ call: fc.constant('count' as const), tenant: someTenant, team: someTeam }),
    },
  )
  return fc.record({
    advanceMs: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.nat(20) },
      { weight: 1, arbitrary: fc.integer({ min: -20, max: -1 }) },
    ),
    handle: fc.constantFrom(0 as const, 1 as const),
    steps: fc.oneof(
      { weight: 3, arbitrary: fc.array(step, { minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.array(step, { minLength: 2, maxLength: 6 }) },
    ),
  })
}
