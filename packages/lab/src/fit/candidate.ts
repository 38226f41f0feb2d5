import { type ReadSite, residPre } from '@parapet/runtime'

/** A direction that is weighed: the difference of the class means of what enters `block` at a token of the template's tail. */
export interface Candidate {
  /** Counted from 0. */
  readonly block: number
  /** From the end of the prompt: −1 is its last token. */
  readonly position: number
}

/** What an intervention along a candidate does. Lower `bypass`, higher `induce` and lower `divergence` are better. */
export interface CandidateScores extends Candidate {
  /** Mean refusal score of harmful prompts with the direction erased. */
  readonly bypass: number
  /** Mean refusal score of harmless prompts with the direction added. */
  readonly induce: number
  /** Mean first-token divergence of harmless prompts with the direction erased, in nats. */
  readonly divergence: number
}

/** Every block before `deepest` at each position, in the order of the positions and then of the blocks. */
export function candidatesOf(positions: readonly number[], deepest: number): Candidate[] {
  return positions.flatMap((position) => Array.from({ length: deepest }, (_, block) => ({ block, position })))
}

/** The place of a candidate in the one spelling of files and graphs. */
export function placeOf({ block, position }: Candidate): ReadSite {
  return { site: residPre(block), position: position === -1 ? 'last' : position }
}

export function keyOf({ block, position }: Candidate): string {
  return `${block}@${position}`
}
