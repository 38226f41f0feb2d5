import { z } from 'zod'
import type { Escalation, NewReviewItem, ReviewKind } from './review-item.ts'

/** Who reviews what, and how: plain data. A route fits when everything that it names fits; what it does not name always fits. */
export interface ReviewRoute {
  /** Each list fits when one of its values does. An empty one fits nothing. */
  readonly when?: {
    readonly kinds?: readonly ReviewKind[]
    readonly tenants?: readonly string[]
    /** ISO 639-1, as detected in what is held. */
    readonly languages?: readonly string[]
    /** The ids of policies. */
    readonly policies?: readonly string[]
    /** The ids of rules that held. */
    readonly rules?: readonly string[]
    readonly detectors?: readonly string[]
    readonly labels?: readonly string[]
  }
  readonly team: string
  /** @default 0 */
  readonly priority?: number
  /** The reviewers' deadline in milliseconds, where it is shorter than the policy's; for holds. */
  readonly withinMs?: number
  /** @default 1 */
  readonly opinions?: 1 | 2
  /** @default 0 */
  readonly undoMs?: number
  /** Where the item goes when nobody has decided it after so many milliseconds. */
  readonly escalation?: { readonly afterMs: number; readonly team: string; readonly priority?: number }
}

/** What a route can go by. */
export interface ReviewFacts extends Pick<NewReviewItem, 'kind' | 'tenant' | 'language' | 'reasons'> {
  readonly policyId: string
}

const names = z.array(z.string().min(1).max(512)).max(1_000)
const team = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'expected a short code')
const priority = z.int().min(-1_000_000).max(1_000_000)
const milliseconds = z.int().min(1).max(2_592_000_000)

/** Routes as a guard takes them. */
export const reviewRoutesSchema = z
  .array(
    z.strictObject({
      when: z
        .strictObject({
          kinds: z.array(z.enum(['input', 'output', 'audit'])).exactOptional(),
          tenants: names.exactOptional(),
          languages: names.exactOptional(),
          policies: names.exactOptional(),
          rules: names.exactOptional(),
          detectors: names.exactOptional(),
          labels: names.exactOptional(),
        })
        .exactOptional(),
      team,
      priority: priority.exactOptional(),
      withinMs: milliseconds.exactOptional(),
      opinions: z.union([z.literal(1), z.literal(2)]).exactOptional(),
      undoMs: z.int().min(0).max(3_600_000).exactOptional(),
      escalation: z
        .strictObject({ afterMs: milliseconds, team, priority: priority.exactOptional() })
        .exactOptional(),
    }),
  )
  .max(1_000)

/** The first route that fits; undefined when none does. */
export function routeReview(routes: readonly ReviewRoute[], facts: ReviewFacts): ReviewRoute | undefined {
  const rules = facts.reasons.flatMap((reason) => (reason.kind === 'rule' ? [reason.rule] : []))
  const labels = facts.reasons.flatMap((reason) => (reason.kind === 'rule' ? [reason.label] : []))
  const detectors = facts.reasons.map(({ detector }) => detector)
  const fits = (wanted: readonly string[] | undefined, there: readonly (string | undefined)[]) =>
    wanted === undefined || there.some((value) => value !== undefined && wanted.includes(value))
  return routes.find(
    ({ when = {} }) =>
      fits(when.kinds, [facts.kind]) &&
      fits(when.tenants, [facts.tenant]) &&
      fits(when.languages, [facts.language]) &&
      fits(when.policies, [facts.policyId]) &&
      fits(when.rules, rules) &&
      fits(when.detectors, detectors) &&
      fits(when.labels, labels),
  )
}

/** What a route makes of an item that is stored at `now`. */
export function routedFields(
  route: ReviewRoute | undefined,
  now: number,
): Pick<NewReviewItem, 'team' | 'priority' | 'opinions' | 'undoMs'> & { readonly escalation?: Escalation } {
  if (!route) return {}
  const { team, priority, opinions, undoMs, escalation } = route
  return {
    team,
    ...(priority === undefined ? {} : { priority }),
    ...(opinions === undefined ? {} : { opinions }),
    ...(undoMs === undefined ? {} : { undoMs }),
    ...(escalation ? { escalation: toEscalation(escalation, now) } : {}),
  }
}

function toEscalation(
  { afterMs, team, priority }: NonNullable<ReviewRoute['escalation']>,
  now: number,
): Escalation {
  return { at: now + afterMs, team, ...(priority === undefined ? {} : { priority }) }
}
