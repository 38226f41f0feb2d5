import { z } from 'zod'
import { labError } from '../../errors/codes.ts'
import { type FitContext, KINDS, type Kind, type PerKind, perKind } from '../fit-context.ts'
import { shuffled } from '../shuffle.ts'

const indices = z.array(z.int().nonnegative())
const taken = z.object({ test: indices, pool: indices })
const artefact = z.object({ harmful: taken, harmless: taken })

/** Places of prompts in their file: those that the chosen direction is tested on, and those that it is found with. */
export type TakenPrompts = PerKind<z.infer<typeof taken>>

/** Prompts of a kind without which nothing can be said: 8 for the means, 4 to weigh on, 4 to test on, and what the model's own behaviour filters. */
const FEWEST = 20

/**
 * Stage 1: takes the prompts in a random order, each once; a quarter of them at most is put aside for the test.
 * @throws `PARAPET_LAB_PROMPTS_FEW`, `PARAPET_LAB_PROMPTS_SHARED`
 */
export async function takePrompts({ options, folder }: FitContext): Promise<TakenPrompts> {
  const name = '1-prompts.json'
  const known = await folder.readJson(name, artefact)
  if (known) return known
  const distinct = perKind((kind) => distinctIndices(options[kind].texts))
  for (const kind of KINDS) {
    const { length } = distinct[kind]
    if (length < FEWEST)
      throw labError('PARAPET_LAB_PROMPTS_FEW', {
        kind,
        n: length,
        needed: FEWEST,
        of: 'that differ from each other',
      })
  }
  const folded = (kind: Kind) => distinct[kind].map((index) => fold(options[kind].texts[index] ?? ''))
  const harmful = new Set(folded('harmful'))
  const shared = folded('harmless').filter((text) => harmful.has(text)).length
  if (shared > 0) throw labError('PARAPET_LAB_PROMPTS_SHARED', { n: shared })
  const prompts = perKind((kind) => {
    const order = shuffled(distinct[kind], options.seed)
    const test = Math.max(4, Math.min(options.test, Math.floor(order.length / 4)))
    return { test: order.slice(0, test), pool: order.slice(test) }
  })
  await folder.writeJson(name, prompts)
  return prompts
}

const fold = (text: string) => text.trim().replaceAll(/\s+/g, ' ').toLowerCase()

/** Places of the texts, of those that say the same the first. */
function distinctIndices(texts: readonly string[]): number[] {
  const first = new Map<string, number>()
  for (const [index, text] of texts.entries()) {
    const key = fold(text)
    if (!first.has(key)) first.set(key, index)
  }
  return [...first.values()]
}
