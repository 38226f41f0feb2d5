import { describe, expect, it } from '@jest/globals'
import {
  type ReviewFacts,
  type ReviewRoute,
  reviewRoutesSchema,
  routedFields,
  routeReview,
} from './review-route.ts'

const facts: ReviewFacts = {
  kind: 'output',
  tenant: 'acme',
  language: 'de',
  policyId: 'support-chat',
  reasons: [
    {
      kind: 'rule',
      part: 0,
      stage: 'output',
      rule: 'toxic-answer',
      detector: 'toxicity',
      label: 'threat',
      score: 0.9,
      threshold: 0.8,
      action: 'hold',
    },
    { kind: 'failed', part: 0, stage: 'output', detector: 'harm', code: 'PARAPET_X', action: 'hold' },
  ],
}

describe('routeReview', () => {
  it.each([
    ['kinds', ['input', 'output'], ['audit']],
    ['tenants', ['acme'], ['globex']],
    ['languages', ['de', 'fr'], ['en']],
    ['policies', ['support-chat'], ['other']],
    ['rules', ['toxic-answer'], ['another']],
    ['detectors', ['harm'], ['sentiment']],
    ['labels', ['threat'], ['insult']],
  ])('goes by %s', (name, fitting, other) => {
    const route = (values: readonly string[]) => ({ team: 'found', when: { [name]: values } }) as ReviewRoute

    expect(routeReview([route(fitting)], facts)?.team).toBe('found')
    expect(routeReview([route(other)], facts)).toBeUndefined()
    expect(routeReview([route([])], facts)).toBeUndefined()
  })

  it('takes the first route of which everything fits', () => {
    const routes: ReviewRoute[] = [
      { team: 'one', when: { tenants: ['acme'], languages: ['en'] } },
      { team: 'two', when: { tenants: ['acme'], languages: ['de'] } },
      { team: 'three' },
    ]

    expect(routeReview(routes, facts)?.team).toBe('two')
    expect(routeReview(routes, { ...facts, tenant: 'globex' })?.team).toBe('three')
    const { language: _, ...unknown } = facts
    expect(routeReview(routes, unknown)?.team).toBe('three')
  })
})

describe('routedFields', () => {
  it('counts escalation from the moment that the item is stored', () => {
    const route: ReviewRoute = {
      team: 'day',
      priority: 3,
      opinions: 2,
      undoMs: 5_000,
      withinMs: 60_000,
      escalation: { afterMs: 10_000, team: 'leads', priority: 9 },
    }

    expect(routedFields(route, 1_000)).toEqual({
      team: 'day',
      priority: 3,
      opinions: 2,
      undoMs: 5_000,
      escalation: { at: 11_000, team: 'leads', priority: 9 },
    })
    expect(routedFields(undefined, 1_000)).toEqual({})
  })
})

describe('reviewRoutesSchema', () => {
  it.each([
    [[{ team: 'two words' }]],
    [[{ team: 'a', when: { tenant: ['acme'] } }]],
    [[{ team: 'a', opinions: 3 }]],
    [[{ team: 'a', undoMs: -1 }]],
    [[{ team: 'a', escalation: { team: 'b' } }]],
    [[{}]],
  ])('refuses %j', (routes) => {
    expect(reviewRoutesSchema.safeParse(routes).success).toBe(false)
  })
})
