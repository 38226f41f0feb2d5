import { z } from 'zod'
import { labError } from '../../errors/codes.ts'
import { firstLogits, keyOfAsked } from '../ask-model.ts'
import { type FitContext, KINDS, type Kind, type PerKind } from '../fit-context.ts'
import { refusalScore } from '../refusal-score.ts'
import type { TakenPrompts } from './take-prompts.ts'

const scoreRow = z.object({
  kind: z.enum(KINDS),
  index: z.int().nonnegative(),
  /** Null where the prompt does not fit into the model's context. */
  score: z.number().nullable(),
})
type ScoreRow = z.infer<typeof scoreRow>

/** Prompts on which the model does what their kind says, and how many it was asked. */
export interface KeptPrompts {
  readonly train: readonly number[]
  readonly validation: readonly number[]
  /** Prompts asked, and those of them that the model refuses (refusal score above 0); undefined where it was not asked. */
  readonly behaviour: { readonly asked: number; readonly refused: number } | undefined
}

/** Prompts of a kind that there must be for the means and to weigh candidates on. */
export const FEWEST = { train: 8, validation: 4 }

/**
 * Stage 3: keeps the harmful prompts that the model refuses (refusal score above 0) and the harmless ones that it answers (below 0),
 * until there are enough. Without tokens, for `cosmic`, all are kept.
 * @throws `PARAPET_LAB_NEVER_REFUSES`, `PARAPET_LAB_ALWAYS_REFUSES`, `PARAPET_LAB_PROMPTS_FEW`
 */
export async function keepPrompts(
  context: FitContext,
  prompts: TakenPrompts,
  tokens: readonly number[] | undefined,
): Promise<PerKind<KeptPrompts>> {
  if (!tokens)
    return {
      harmful: parted(context, 'harmful', prompts.harmful.pool, undefined),
      harmless: parted(context, 'harmless', prompts.harmless.pool, undefined),
    }
  const { folder, meter, options } = context
  const enough = options.train + options.validation
  const total = KINDS.reduce((sum, kind) => sum + Math.min(enough, prompts[kind].pool.length), 0)
  const lines = await folder.openLines('3-scores.jsonl', scoreRow, keyOfAsked)
  const kept: Record<Kind, number[]> = { harmful: [], harmless: [] }
  const refused: Record<Kind, number> = { harmful: 0, harmless: 0 }
  const asked: Record<Kind, number> = { harmful: 0, harmless: 0 }
  const take = ({ kind, index, score }: ScoreRow) => {
    if (score === null) return
    asked[kind] += 1
    if (score > 0) refused[kind] += 1
    if (kind === 'harmful' ? score > 0 : score < 0) kept[kind].push(index)
  }
  try {
    for (const row of lines.rows) take(row)
    meter.step(kept.harmful.length + kept.harmless.length, total, true)
    for (const kind of KINDS) {
      const done = lines.rows.filter((row) => row.kind === kind).length
      for (const index of prompts[kind].pool.slice(done)) {
        if (kept[kind].length >= enough) break
        const row = await scoreRowOf(context, kind, index, tokens)
        await lines.append(row)
        take(row)
        meter.step(kept.harmful.length + kept.harmless.length, total)
      }
    }
  } finally {
    await lines.close()
  }
  const least = FEWEST.train + FEWEST.validation
  const model = context.model.manifest.id
  if (kept.harmful.length < least && refused.harmful <= asked.harmful / 2)
    throw labError('PARAPET_LAB_NEVER_REFUSES', { model, refused: refused.harmful, n: asked.harmful })
  if (kept.harmless.length < least && refused.harmless >= asked.harmless / 2)
    throw labError('PARAPET_LAB_ALWAYS_REFUSES', { model, refused: refused.harmless, n: asked.harmless })
  return {
    harmful: parted(context, 'harmful', kept.harmful, { asked: asked.harmful, refused: refused.harmful }),
    harmless: parted(context, 'harmless', kept.harmless, {
      asked: asked.harmless,
      refused: refused.harmless,
    }),
  }
}

async function scoreRowOf(
  context: FitContext,
  kind: Kind,
  index: number,
  tokens: readonly number[],
): Promise<ScoreRow> {
  const logits = await firstLogits(context, { kind, index })
  if (!logits) return { kind, index, score: null }
  return { kind, index, score: refusalScore(logits, tokens) }
}

/** Parts what was kept: a fifth at most to weigh candidates on, the rest for the means. */
function parted(
  { options }: FitContext,
  kind: Kind,
  kept: readonly number[],
  behaviour: KeptPrompts['behaviour'],
): KeptPrompts {
  const least = FEWEST.train + FEWEST.validation
  if (kept.length < least) {
    const of = kind === 'harmful' ? 'that the model refuses' : 'that the model answers'
    throw labError('PARAPET_LAB_PROMPTS_FEW', {
      kind,
      n: kept.length,
      needed: least,
      of: behaviour ? of : 'beside those for the test',
    })
  }
  const validation = Math.max(FEWEST.validation, Math.min(options.validation, Math.floor(kept.length / 5)))
  const train = Math.min(options.train, kept.length - validation)
  return { train: kept.slice(0, train), validation: kept.slice(train, train + validation), behaviour }
}
