import { labError } from '../errors/codes.ts'
import { shuffled } from '../fit/shuffle.ts'
import type { PromptSet } from '../prompts/prompt-set.ts'
import type { PromptKind } from './conditions.ts'
import { proveError } from './prove-errors.ts'
import { FEWEST_PROMPTS } from './prove-options.ts'

/**
 * The prompts that are asked: each once, and where there are more than wanted a draw that is the same for each seed.
 * @throws `PARAPET_LAB_PROVE_PROMPTS_FEW`, `PARAPET_LAB_PROMPTS_SHARED`
 */
export function choosePrompts(
  sets: Readonly<Record<PromptKind, PromptSet>>,
  { most, seed }: { readonly most: number; readonly seed: number },
): Record<PromptKind, string[]> {
  const harmful = new Set(sets.harmful.texts)
  const harmless = new Set(sets.harmless.texts)
  const shared = [...harmful].filter((text) => harmless.has(text)).length
  if (shared > 0) throw labError('PARAPET_LAB_PROMPTS_SHARED', { n: shared })
  const draw = (kind: PromptKind, texts: ReadonlySet<string>): string[] => {
    if (texts.size < FEWEST_PROMPTS)
      throw proveError('PARAPET_LAB_PROVE_PROMPTS_FEW', { kind, n: texts.size, needed: FEWEST_PROMPTS })
    return texts.size <= most ? [...texts] : shuffled([...texts], seed).slice(0, most)
  }
  return { harmful: draw('harmful', harmful), harmless: draw('harmless', harmless) }
}
