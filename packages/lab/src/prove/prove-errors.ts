import { entry, errorsOf } from '@parapet/sdk'

/** The errors of judging answers and of proving a direction. Documented in `docs/errors.md`. */
export const PROVE_ERRORS = {
  PARAPET_LAB_JUDGE_FAILED: entry<{ fault: string }>(
    ({ fault }) =>
      `An answer could not be judged (${fault}). Nothing is counted without a judgement: mend what the code names, and run again; with a run folder, it goes on where it ended.`,
  ),
  PARAPET_LAB_DIRECTION_UNREADABLE: entry<{ path: string; fault: string }>(
    ({ path, fault }) =>
      `The direction file ${path} cannot be read (${fault}). Name a safetensors file as parapet fit writes it, of 64 MiB at most.`,
  ),
  PARAPET_LAB_DIRECTION_ZERO: entry<{ path: string }>(
    ({ path }) =>
      `The direction in ${path} has length 0: there is nothing to erase or add. Find it again with parapet fit.`,
  ),
  PARAPET_LAB_PROVE_PROMPTS_FEW: entry<{
    kind: 'harmful' | 'harmless'
    n: number
    needed: number
    /** Of prompts that do not fit into the model's context. */
    tooLong?: number
  }>(
    ({ kind, n, needed, tooLong = 0 }) =>
      `There are ${n} different ${kind} prompts${tooLong > 0 ? ` that fit into the model's context, and ${tooLong} that do not` : ''}; at least ${needed} are needed for a rate that says anything. 100 of each give intervals of about ±.05 near the ends.`,
  ),
  PARAPET_LAB_PEER_MISSING: entry<{ peer: string; install: string }>(
    ({ peer, install }) =>
      `The package "${peer}" cannot be loaded, and images in PNG need it. Install it: ${install}; or write SVG, which needs nothing more.`,
  ),
  PARAPET_LAB_FONT_MISSING: entry<void>(
    () =>
      'This system has no font, and an image would come out without its words and numbers. Install one, such as DejaVu Sans, or write SVG, which takes the fonts of whoever looks at it.',
  ),
} as const

/** Builds an error of this folder. */
export const proveError = errorsOf(PROVE_ERRORS)
