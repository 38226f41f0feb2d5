import { entry, errorsOf } from '@parapet/sdk'

export { PROVE_ERRORS } from '../prove/prove-errors.ts'

type Model = { model: string }
/** The two files that a fit reads. */
type Kind = 'harmful' | 'harmless'

/** Every error of this package. `docs/errors.md` lists the same codes; a test keeps them equal. */
export const LAB_ERRORS = {
  PARAPET_LAB_OPTION_INVALID: entry<{ option: string; received: string; expected: string }>(
    ({ option, received, expected }) => `Option "${option}" is ${received}; expected ${expected}.`,
  ),
  PARAPET_LAB_PROMPTS_UNREADABLE: entry<{ kind: Kind; problem: string }>(
    ({ kind, problem }) =>
      `The file of ${kind} prompts cannot be used: ${problem}. Expected JSON lines, each an object with "text", a request that is not empty.`,
  ),
  PARAPET_LAB_PROMPTS_FEW: entry<{ kind: Kind; n: number; needed: number; of: string }>(
    ({ kind, n, needed, of }) =>
      `There are ${n} ${kind} prompts ${of}; at least ${needed} are needed. Give more of them, each once: the published recipe takes 160 of each kind.`,
  ),
  PARAPET_LAB_PROMPTS_SHARED: entry<{ n: number }>(
    ({ n }) =>
      `${n} prompts stand among the harmful and among the harmless ones. Give two files that share no prompt: the difference of their means is what is looked for.`,
  ),
  PARAPET_LAB_NEVER_REFUSES: entry<Model & { refused: number; n: number }>(
    ({ model, refused, n }) =>
      `The model "${model}" refuses ${refused} of ${n} harmful prompts: there is no refusal to find a direction of. Use a model that was tuned to refuse, other prompts, or the method "cosmic", which asks for no refusals.`,
  ),
  PARAPET_LAB_ALWAYS_REFUSES: entry<Model & { refused: number; n: number }>(
    ({ model, refused, n }) =>
      `The model "${model}" refuses ${refused} of ${n} harmless prompts: there is nothing to compare its refusals with. Look at its answers in the run folder, and give prompts that it answers.`,
  ),
  PARAPET_LAB_REFUSAL_TOKENS_UNCLEAR: entry<Model & { auroc: number; needed: number }>(
    ({ model, auroc, needed }) =>
      `The first token of an answer does not tell the refusals of the model "${model}" from its other answers (AUROC ${auroc.toFixed(3)}, ${needed} is needed). Name the tokens that refusals begin with in refusalTokens, or use the method "cosmic", which needs none.`,
  ),
  PARAPET_LAB_REFUSAL_TOKEN_UNKNOWN: entry<Model & { index: number; vocabulary: number }>(
    ({ model, index, vocabulary }) =>
      `The refusal token number ${index} (from 0) is not one token of the model "${model}"; expected an id from 0 to ${vocabulary - 1}.`,
  ),
  PARAPET_LAB_TEMPLATE_TAIL: entry<Model & { tokens: number; most: number }>(
    ({ model, tokens, most }) =>
      `The chat template of the model "${model}" puts ${tokens} tokens behind the request; expected 1 to ${most}. Name the positions to look at in the option positions.`,
  ),
  PARAPET_LAB_NOTHING_LEFT: entry<
    Model & { candidates: number; removed: Readonly<Record<string, number>>; hint: string }
  >(
    ({ model, candidates, removed, hint }) =>
      `No direction of the model "${model}" is left of ${candidates}: ${Object.entries(removed)
        .map(([filter, count]) => `${count} by ${filter}`)
        .join(', ')} (each counted by the first filter it fails). ${hint}`,
  ),
  PARAPET_LAB_FOLDER_OTHER: entry<{ folder: string; differs: readonly string[] }>(
    ({ folder, differs }) =>
      `The run folder ${folder} was begun with another configuration (${differs.join(', ')} differ). Take another folder for this run, or remove that one.`,
  ),
  PARAPET_LAB_FOLDER_IN_USE: entry<{ folder: string; pid?: number }>(
    ({ folder, pid }) =>
      `The run folder ${folder} is in use by another run${pid === undefined ? '' : ` (process ${pid})`}. Wait until it has ended, or take another folder; the lock of a run that is gone is taken over within a minute.`,
  ),
  PARAPET_LAB_FOLDER_UNWRITABLE: entry<{ folder: string; fault: string }>(
    ({ folder, fault }) =>
      `The run folder ${folder} cannot be written (${fault}). Name one that can be written, on a disk with room; what was written before is kept and taken up again.`,
  ),
  PARAPET_LAB_ARTEFACT_DAMAGED: entry<{ file: string; problem: string }>(
    ({ file, problem }) =>
      `The file ${file} of the run folder is damaged: ${problem}. Remove it, and run again: its stage is done anew.`,
  ),
} as const

/** Builds an error of this package out of its code and the details of its message. */
export const labError = errorsOf(LAB_ERRORS)
