import { z } from 'zod'
import { dPrime } from '../../metrics/d-prime.ts'
import { activations, keyOfAsked } from '../ask-model.ts'
import type { Candidate } from '../candidate.ts'
import { type FitContext, KINDS, type Kind, type PerKind } from '../fit-context.ts'
import { cosine, difference, dot, unit } from '../vector.ts'
import type { ClassMeans } from './class-means.ts'
import type { KeptPrompts } from './keep-prompts.ts'

const projectionRow = z.object({
  kind: z.enum(KINDS),
  index: z.int().nonnegative(),
  /** r̂ᵀx at each candidate's place, in their order; empty where the prompt does not fit into the model's context. */
  along: z.array(z.number()),
  /** The same at the last token of the request, for each block. */
  instruction: z.array(z.number()),
})
type ProjectionRow = z.infer<typeof projectionRow>

/** A candidate with its vector, and how well it parts the prompts that the means were not made of. */
export interface Shortlisted extends Candidate {
  /** Mean harmful − mean harmless, not normalised: float32[hidden]. */
  readonly vector: Float32Array
  /** Of the projections of the validation prompts. */
  readonly dPrime: number
  /** Of the two class means. */
  readonly cosine: number
  /** r̂ᵀμ of the harmless mean: what the affine form erases to. */
  readonly offset: number
  /** r̂ᵀx of the validation prompts. */
  readonly along: PerKind<readonly number[]>
  /** The same at the last token of the request in this block, along the difference of means there. */
  readonly instruction: PerKind<readonly number[]>
}

/** The candidates that are weighed, best first. */
export interface Shortlist {
  readonly best: readonly Shortlisted[]
  /** How many there were, and how many of them had two equal means (a template token before any block has read the request). */
  readonly made: number
  readonly withoutDifference: number
}

/** Stage 5: projects prompts that the means were not made of, and shortlists those that part the two kinds best, block by block. */
export async function shortlistCandidates(
  context: FitContext,
  kept: PerKind<KeptPrompts>,
  means: ClassMeans,
): Promise<Shortlist> {
  const { folder, meter, options } = context
  const vectors = means.candidates.map((candidate) =>
    difference(means.at('harmful', candidate), means.at('harmless', candidate)),
  )
  const units = vectors.map(unit)
  const instructions = Array.from({ length: means.blocks }, (_, block) =>
    unit(difference(means.atInstruction('harmful', block), means.atInstruction('harmless', block))),
  )
  const prompts = KINDS.flatMap((kind) => kept[kind].validation.map((index) => ({ kind, index })))
  const lines = await folder.openLines('5-projections.jsonl', projectionRow, keyOfAsked)
  const rows: ProjectionRow[] = [...lines.rows]
  try {
    meter.step(rows.length, prompts.length, true)
    for (const asked of prompts.slice(rows.length)) {
      const found = (await activations(context, asked, means.sites)) ?? []
      const onto = (axes: readonly Float32Array[], from: number) =>
        found.length === 0 ? [] : axes.map((axis, order) => dot(axis, found[from + order] as Float32Array))
      const row = { ...asked, along: onto(units, 0), instruction: onto(instructions, units.length) }
      await lines.append(row)
      rows.push(row)
      meter.step(rows.length, prompts.length)
    }
  } finally {
    await lines.close()
  }
  const read = rows.filter(({ along }) => along.length > 0)
  const column = (kind: Kind, of: (row: ProjectionRow) => number | undefined) =>
    read.filter((row) => row.kind === kind).map((row) => of(row) ?? Number.NaN)
  const all = means.candidates.map((candidate, order): Shortlisted => {
    const along = {
      harmful: column('harmful', (row) => row.along[order]),
      harmless: column('harmless', (row) => row.along[order]),
    }
    const harmless = means.at('harmless', candidate)
    return {
      ...candidate,
      vector: vectors[order] as Float32Array,
      dPrime: dPrime(along.harmful, along.harmless),
      cosine: cosine(means.at('harmful', candidate), harmless),
      offset: dot(units[order] as Float32Array, harmless),
      along,
      instruction: {
        harmful: column('harmful', (row) => row.instruction[candidate.block]),
        harmless: column('harmless', (row) => row.instruction[candidate.block]),
      },
    }
  })
  const different = all.filter(({ vector }) => vector.some((value) => value !== 0))
  const merit = ({ dPrime: separation, cosine: likeness }: Shortlisted) => {
    const value = options.shortlistBy === 'cosine' ? -likeness : separation
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
  }
  // The best of each block come first: late blocks part the kinds best of all, and induce little when they are added.
  const ranked = different.toSorted((a, b) => merit(b) - merit(a))
  const rankInBlock = new Map<Shortlisted, number>()
  const seen = new Map<number, number>()
  for (const candidate of ranked) {
    const rank = seen.get(candidate.block) ?? 0
    rankInBlock.set(candidate, rank)
    seen.set(candidate.block, rank + 1)
  }
  const best = ranked.toSorted((a, b) => (rankInBlock.get(a) ?? 0) - (rankInBlock.get(b) ?? 0))
  return {
    best: options.shortlist === 0 ? best : best.slice(0, options.shortlist),
    made: all.length,
    withoutDifference: all.length - different.length,
  }
}
