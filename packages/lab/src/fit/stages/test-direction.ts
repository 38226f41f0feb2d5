import type { Intervention } from '@parapet/runtime'
import { z } from 'zod'
import { auroc } from '../../metrics/auroc.ts'
import { dPrime } from '../../metrics/d-prime.ts'
import { type Share, wilsonInterval } from '../../metrics/interval.ts'
import { type RateAtRate, truePositiveRateAt } from '../../metrics/true-positive-rate.ts'
import { type Asked, activations, firstLogits, keyOfAsked } from '../ask-model.ts'
import { placeOf } from '../candidate.ts'
import { firstTokenDivergence } from '../first-token-divergence.ts'
import { type FitContext, KINDS, type Kind } from '../fit-context.ts'
import { probabilitiesOf } from '../probabilities.ts'
import { randomDirection } from '../random-direction.ts'
import { refusalScore } from '../refusal-score.ts'
import { difference, dot, unit } from '../vector.ts'
import type { ClassMeans } from './class-means.ts'
import { adding, erasing } from './interventions.ts'
import type { Shortlisted } from './shortlist-candidates.ts'
import type { TakenPrompts } from './take-prompts.ts'

const finite = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)
const scores = z.object({
  base: finite,
  erased: finite,
  affine: finite,
  added: finite,
  randomErased: z.array(finite),
  randomAdded: z.array(finite),
})
const testRow = z.object({
  kind: z.enum(KINDS),
  index: z.int().nonnegative(),
  /** Refusal scores; absent for `cosmic`, which knows no refusal tokens. */
  scores: scores.optional(),
  divergence: z.object({ erased: finite, affine: finite }),
  /** r̂ᵀx of the two readings. */
  refusal: finite,
  harmfulness: finite,
})
type TestRow = z.infer<typeof testRow>

/** The share of prompts whose refusal score is above 0, and the mean of the scores. */
export interface RefusalRate extends Share {
  readonly meanScore: number
}

/** How a projection tells the two kinds apart, on prompts that nothing was chosen on. */
export interface ReadingTest {
  readonly auroc: number
  readonly dPrime: number
  readonly at1Percent: RateAtRate
}

/** What the chosen direction does and says on the prompts that were put aside, filtered by nothing. */
export interface DirectionTest {
  readonly n: { readonly harmful: number; readonly harmless: number }
  /** Prompts that were left out, because they do not fit into the model's context. */
  readonly tooLong: number
  /** By condition: by the first token, greedy answers are what `parapet prove` counts. */
  readonly refusal?: {
    readonly harmful: Readonly<Record<'base' | 'erased' | 'affine' | 'randomErased', RefusalRate>>
    readonly harmless: Readonly<Record<'base' | 'added' | 'randomAdded' | 'erased' | 'affine', RefusalRate>>
  }
  /** Mean first-token divergence on harmless prompts, in nats. */
  readonly divergence: { readonly erased: number; readonly affine: number }
  readonly readings: { readonly refusal: ReadingTest; readonly harmfulness: ReadingTest }
}

/** Stage 8: tests the chosen direction on the prompts that were put aside, beside random directions and the other form of erasure. */
export async function testDirection(
  context: FitContext,
  prompts: TakenPrompts,
  means: ClassMeans,
  chosen: Shortlisted,
  tokens: readonly number[] | undefined,
): Promise<DirectionTest> {
  const { folder, meter, options } = context
  const asked = KINDS.flatMap((kind) => prompts[kind].test.map((index) => ({ kind, index })))
  const name = `8-test-block${chosen.block}-position${chosen.position}.jsonl`
  const lines = await folder.openLines(name, testRow, keyOfAsked)
  const rows = [...lines.rows]
  const conditions = conditionsOf(context, chosen)
  const axes = axesOf(means, chosen)
  // A prompt that is too long leaves no row, so that places in the file are none in the list.
  const known = new Set(rows.map(keyOfAsked))
  const missing = asked.filter((each) => !known.has(keyOfAsked(each)))
  let done = asked.length - missing.length
  try {
    meter.step(done, asked.length, true)
    for (const each of missing) {
      const row = await rowOf(context, each, { conditions, axes, chosen, tokens })
      if (row) {
        await lines.append(row)
        rows.push(row)
      }
      done += 1
      meter.step(done, asked.length)
    }
  } finally {
    await lines.close()
  }
  const test = summaryOf(rows, asked.length - rows.length)
  await folder.writeJson('8-test.json', { place: placeOf(chosen), controls: options.controls, ...test })
  return test
}

interface Conditions {
  readonly erased: Intervention
  readonly affine: Intervention
  readonly added: Intervention
  readonly randomErased: readonly Intervention[]
  readonly randomAdded: readonly Intervention[]
}

/** Random vectors get the chosen one's length, and are added at its block. */
function conditionsOf({ options, model }: FitContext, chosen: Shortlisted): Conditions {
  const length = Math.sqrt(dot(chosen.vector, chosen.vector))
  const random = Array.from({ length: options.controls }, (_, order) =>
    randomDirection(model.manifest.hidden, options.seed * 100 + order),
  )
  return {
    erased: erasing(chosen, 'zero'),
    affine: erasing(chosen, 'affine'),
    added: adding(chosen),
    randomErased: random.map((direction) => ({ erase: { direction } })),
    randomAdded: random.map((direction) =>
      adding({ block: chosen.block, vector: direction.map((value) => value * length) }),
    ),
  }
}

/** The axes of the two readings, each of length 1. */
export function axesOf(means: ClassMeans, { vector, block }: Pick<Shortlisted, 'vector' | 'block'>) {
  return {
    refusal: unit(vector),
    harmfulness: unit(
      difference(means.atInstruction('harmful', block), means.atInstruction('harmless', block)),
    ),
  }
}

async function rowOf(
  context: FitContext,
  asked: Asked,
  parts: {
    readonly conditions: Conditions
    readonly axes: ReturnType<typeof axesOf>
    readonly chosen: Shortlisted
    readonly tokens: readonly number[] | undefined
  },
): Promise<TestRow | undefined> {
  const { conditions, axes, chosen, tokens } = parts
  const place = placeOf(chosen)
  const base = await firstLogits(context, asked)
  const read = await activations(context, asked, [place, { site: place.site, position: 'last-instruction' }])
  if (!base || !read) return undefined
  const probabilities = probabilitiesOf(base)
  const logits = async (intervention: Intervention) =>
    (await firstLogits(context, asked, intervention)) ?? new Float32Array()
  const erased = await logits(conditions.erased)
  const affine = await logits(conditions.affine)
  const score = (values: Float32Array) => (tokens ? refusalScore(values, tokens) : Number.NaN)
  const each = async (interventions: readonly Intervention[]) => {
    const found: number[] = []
    for (const intervention of interventions) found.push(score(await logits(intervention)))
    return found
  }
  const harmful = asked.kind === 'harmful'
  return {
    ...asked,
    ...(tokens
      ? {
          scores: {
            base: score(base),
            erased: score(erased),
            affine: score(affine),
            added: harmful ? Number.NaN : score(await logits(conditions.added)),
            randomErased: harmful ? await each(conditions.randomErased) : [],
            randomAdded: harmful ? [] : await each(conditions.randomAdded),
          },
        }
      : {}),
    divergence: {
      erased: firstTokenDivergence(probabilities, erased),
      affine: firstTokenDivergence(probabilities, affine),
    },
    refusal: dot(axes.refusal, read[0] as Float32Array),
    harmfulness: dot(axes.harmfulness, read[1] as Float32Array),
  }
}

function summaryOf(rows: readonly TestRow[], tooLong: number): DirectionTest {
  const of = (kind: Kind) => rows.filter((row) => row.kind === kind)
  const [harmful, harmless] = [of('harmful'), of('harmless')]
  const rate = (list: readonly TestRow[], pick: (row: z.infer<typeof scores>) => number | number[]) =>
    rateOf(list.flatMap((row) => (row.scores ? pick(row.scores) : [])))
  const reading = (pick: (row: TestRow) => number): ReadingTest => {
    const [positives, negatives] = [harmful.map(pick), harmless.map(pick)]
    return {
      auroc: auroc(positives, negatives),
      dPrime: dPrime(positives, negatives),
      at1Percent: truePositiveRateAt(positives, negatives, 0.01),
    }
  }
  const refusal = {
    harmful: {
      base: rate(harmful, ({ base }) => base),
      erased: rate(harmful, ({ erased }) => erased),
      affine: rate(harmful, ({ affine }) => affine),
      randomErased: rate(harmful, ({ randomErased }) => randomErased),
    },
    harmless: {
      base: rate(harmless, ({ base }) => base),
      added: rate(harmless, ({ added }) => added),
      randomAdded: rate(harmless, ({ randomAdded }) => randomAdded),
      erased: rate(harmless, ({ erased }) => erased),
      affine: rate(harmless, ({ affine }) => affine),
    },
  }
  return {
    n: { harmful: harmful.length, harmless: harmless.length },
    tooLong,
    ...(rows.some((row) => row.scores) ? { refusal } : {}),
    divergence: {
      erased: mean(harmless.map(({ divergence }) => divergence.erased)),
      affine: mean(harmless.map(({ divergence }) => divergence.affine)),
    },
    readings: {
      refusal: reading((row) => row.refusal),
      harmfulness: reading((row) => row.harmfulness),
    },
  }
}

/** Scores that are no numbers count as asked and not as refusals: a model that broke does not refuse. */
function rateOf(list: readonly number[]): RefusalRate {
  return { ...wilsonInterval(list.filter((score) => score > 0).length, list.length), meanScore: mean(list) }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
