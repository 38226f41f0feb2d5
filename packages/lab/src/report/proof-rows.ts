import type { Share } from '../metrics/index.ts'
import { CONDITION_WORDS } from '../prove/conditions.ts'
import type { Proof } from '../prove/proof.ts'

/** The header of the table of a proof. */
export const PROOF_HEADER = [
  'prompts',
  'model',
  'n',
  'refused',
  '95 % interval',
  'complied',
  'off topic',
  'broken',
] as const

/** The table of a proof, a row for each group of answers. */
export function proofRows({ tallies }: Proof): string[][] {
  return tallies.map(({ kind, condition, n, refused, complied, offTopic, degenerate }) => [
    kind,
    CONDITION_WORDS[condition],
    String(n),
    digits(refused.share),
    interval(refused),
    digits(complied.share),
    digits(offTopic.share),
    digits(degenerate.share),
  ])
}

const digits = (share: number): string => (Number.isNaN(share) ? '-' : share.toFixed(3))
const interval = ({ low, high }: Share): string => `[${low.toFixed(3)}, ${high.toFixed(3)}]`
