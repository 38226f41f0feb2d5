import {
  DIRECTION_SCHEMA,
  type DirectionMetadata,
  type DirectionModel,
  writeSafetensors,
} from '@parapet/detectors/direction'
import { placeOf } from './candidate.ts'
import type { FitContext, PerKind } from './fit-context.ts'
import { fitLogOdds } from './platt-scaling.ts'
import { type Chosen, scoresOf } from './stages/choose-direction.ts'
import type { ClassMeans } from './stages/class-means.ts'
import type { FoundTokens } from './stages/find-tokens.ts'
import type { KeptPrompts } from './stages/keep-prompts.ts'
import type { Shortlist } from './stages/shortlist-candidates.ts'
import { axesOf, type DirectionTest } from './stages/test-direction.ts'

/** All that the stages found. */
export interface FitFindings {
  readonly madeFor: DirectionModel
  readonly tokens: FoundTokens | undefined
  readonly kept: PerKind<KeptPrompts>
  readonly means: ClassMeans
  readonly shortlist: Shortlist
  readonly chosen: Chosen
  readonly test: DirectionTest
  /** Of `@parapet/lab`. */
  readonly version: string
}

/** The direction file: its metadata, and the bytes to write. */
export function directionDocument(
  context: FitContext,
  findings: FitFindings,
): { metadata: DirectionMetadata; bytes: Uint8Array } {
  const { options, model } = context
  const { best } = findings.chosen
  const { site, position } = placeOf(best)
  const transform = { dropDimensions: [], normalise: 'none' as const }
  const refusal = fitLogOdds(best.along.harmful, best.along.harmless)
  const harmfulness = fitLogOdds(best.instruction.harmful, best.instruction.harmless)
  const metadata: DirectionMetadata = {
    schema: DIRECTION_SCHEMA,
    id: `${findings.madeFor.id}-refusal`,
    version: '1',
    model: findings.madeFor,
    direction: { site, position },
    readings: {
      harmfulness: { sites: [{ site, position: 'last-instruction' }], transform, ...harmfulness },
      refusal: { sites: [{ site, position }], transform, ...refusal },
    },
    // The mean of the two log-odds: with so few prompts, no weight is worth fitting.
    combine: { harmfulness: 0.5, refusal: 0.5, tokens: 0, bias: 0 },
    coverage: { languages: [...options.languages], maxTokens: model.manifest.contextTokens },
    madeBy: { tool: 'parapet fit', version: findings.version, seed: options.seed },
    evidence: { origin: options.origin },
    fit: fitEvidence(context, findings),
  }
  const { hidden } = findings.madeFor
  const axes = axesOf(findings.means, best)
  const bytes = writeSafetensors(
    new Map([
      ['direction', { shape: [hidden], values: best.vector }],
      ['harmfulness.weight', { shape: [1, hidden], values: axes.harmfulness }],
      ['refusal.weight', { shape: [1, hidden], values: axes.refusal }],
      ['fit.harmless.mean', { shape: [hidden], values: findings.means.at('harmless', best) }],
    ]),
    new Map([['parapet', JSON.stringify(metadata)]]),
  )
  return { metadata, bytes }
}

/** How the direction was found, for whoever has to trust it. JSON: a number that is not finite stands as null. */
function fitEvidence({ options }: FitContext, findings: FitFindings): Record<string, unknown> {
  const { tokens, kept, means, shortlist, chosen, test } = findings
  const prompts = (kind: 'harmful' | 'harmless') => ({
    sha256: options[kind].sha256,
    given: options[kind].texts.length,
    train: means.n[kind],
    validation: kept[kind].validation.length,
    test: test.n[kind],
    behaviour: kept[kind].behaviour,
  })
  return {
    method: options.method,
    seed: options.seed,
    erase: options.erase,
    spare: options.spare,
    bounds: { klBound: options.klBound, induceBound: options.induceBound, depth: options.depth },
    prompts: { harmful: prompts('harmful'), harmless: prompts('harmless') },
    refusalTokens: tokens,
    candidates: {
      made: shortlist.made,
      withoutDifference: shortlist.withoutDifference,
      shortlistedBy: options.shortlistBy,
      weighed: shortlist.best.length,
      removed: chosen.removed,
      left: chosen.left,
    },
    chosen: { ...scoresOf(chosen.best), norm: Math.hypot(...chosen.best.vector) },
    runnersUp: chosen.runnersUp.map(scoresOf),
    // Of so few prompts no threshold is made: `parapet calibrate` does that on the user's own traffic.
    test,
    node: process.versions.node,
  }
}
