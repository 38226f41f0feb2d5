import type * as FastCheck from 'fast-check'
import type { ReviewState } from '../../review/review-item.ts'

/** fast-check as its users import it: handed over, so that nobody needs it who runs no properties. */
export type FastCheckLibrary = Omit<typeof FastCheck, 'default'>

/** A call on a queue in a model's terms: items and claims are named by the order in which they came to be. */
export type QueueStep =
  | {
      readonly call: 'enqueue'
      readonly tenant: string
      readonly key: string
      readonly content: string
      readonly subject: string
      readonly kind: 'input' | 'audit'
      readonly priority: number
      readonly deadlineInMs: number
      readonly textForMs: number
      readonly otherwise: 'allow' | 'block'
    }
  | {
      readonly call: 'claim'
      readonly reviewer: string
      readonly item: number | undefined
      readonly tenant: string | undefined
      readonly leaseMs: number
    }
  | { readonly call: 'extend'; readonly claim: number; readonly leaseMs: number }
  | { readonly call: 'release'; readonly claim: number }
  | {
      readonly call: 'decide'
      readonly claim: number
      readonly outcome: 'approve' | 'reject'
      readonly note: string | undefined
    }
  | { readonly call: 'useGrant'; readonly item: number; readonly content: string; readonly binding: string }
  | { readonly call: 'erase'; readonly tenant: string; readonly subject: string }
  | { readonly call: 'view'; readonly item: number; readonly reviewer: string }
  | { readonly call: 'get'; readonly item: number }
  | {
      readonly call: 'list'
      readonly states: readonly ReviewState[]
      readonly tenant: string | undefined
      readonly limit: number
    }
  | { readonly call: 'count'; readonly tenant: string | undefined }

/** Calls that are made at one moment, none waiting for another. */
export interface QueueRound {
  readonly advanceMs: number
  /** Which handle on the store makes them. */
  readonly handle: 0 | 1
  readonly steps: readonly QueueStep[]
}

/** Rounds that meet each other: few tenants, keys, people and reviewers, times of the same size. */
export function queueRound(fc: FastCheckLibrary): FastCheck.Arbitrary<QueueRound> {
  const tenant = fc.constantFrom('acme', 'globex')
  const someTenant = fc.option(tenant, { nil: undefined })
  const subject = fc.constantFrom('one', 'two')
  const content = fc.constantFrom('a', 'b')
  const reviewer = fc.constantFrom('ada', 'bob')
  const item = fc.nat(7)
  const claim = fc.nat(5)
  const leaseMs = fc.integer({ min: 1, max: 40 })
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        call: fc.constant('enqueue' as const),
        tenant,
        key: fc.constantFrom('k1', 'k2', 'k3', 'k4'),
        content: fc.oneof({ weight: 5, arbitrary: fc.constant('a') }, { weight: 1, arbitrary: content }),
        subject,
        kind: fc.constantFrom('input' as const, 'input' as const, 'audit' as const),
        priority: fc.constantFrom(0, 0, 1),
        deadlineInMs: fc.integer({ min: -2, max: 60 }),
        textForMs: fc.integer({ min: 0, max: 40 }),
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
        leaseMs,
      }),
    },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('extend' as const), claim, leaseMs }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('release' as const), claim }) },
    {
      weight: 4,
      arbitrary: fc.record({
        call: fc.constant('decide' as const),
        claim,
        outcome: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const),
        note: fc.option(fc.constantFrom('n1', 'n2'), { nil: undefined }),
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
    { weight: 1, arbitrary: fc.record({ call: fc.constant('erase' as const), tenant, subject }) },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('view' as const), item, reviewer }) },
    { weight: 2, arbitrary: fc.record({ call: fc.constant('get' as const), item }) },
    {
      weight: 1,
      arbitrary: fc.record({
        call: fc.constant('list' as const),
        states: fc.subarray<ReviewState>(['open', 'claimed', 'approved', 'rejected', 'expired']),
        tenant: someTenant,
        limit: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ call: fc.constant('count' as const), tenant: someTenant }) },
  )
  return fc.record({
    advanceMs: fc.oneof(fc.constant(0), fc.nat(30)),
    handle: fc.constantFrom(0 as const, 1 as const),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  })
}
