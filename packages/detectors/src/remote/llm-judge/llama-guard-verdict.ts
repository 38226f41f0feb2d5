import { fault } from '../../errors/codes.ts'

/** The hazards of Llama Guard 3 by their codes (MLCommons' taxonomy, and S14). */
export const LLAMA_GUARD_HAZARDS = {
  S1: 'violent-crimes',
  S2: 'non-violent-crimes',
  S3: 'sex-related-crimes',
  S4: 'child-sexual-exploitation',
  S5: 'defamation',
  S6: 'specialized-advice',
  S7: 'privacy',
  S8: 'intellectual-property',
  S9: 'indiscriminate-weapons',
  S10: 'hate',
  S11: 'suicide-and-self-harm',
  S12: 'sexual-content',
  S13: 'elections',
  S14: 'code-interpreter-abuse',
} as const

export const LLAMA_GUARD_LABELS = ['unsafe', ...Object.values(LLAMA_GUARD_HAZARDS)] as const

export type LlamaGuardLabel = (typeof LLAMA_GUARD_LABELS)[number]

/** `S1,S10`, with or without spaces. */
const CODES = /^S\d{1,2}(?: ?, ?S\d{1,2}){0,13}$/

/**
 * Reads what Llama Guard answers: `safe`, or `unsafe` and a line with the codes of what was violated. Scores are 0 or 1.
 * Anything beside that, a comment behind `safe` included, is no verdict.
 * @throws `PARAPET_REMOTE_VERDICT_MALFORMED`, `PARAPET_REMOTE_LABELS_MISMATCH` for a code that is not known
 */
export function llamaGuardVerdict(detector: string, answer: string): Record<LlamaGuardLabel, number> {
  const malformed = () => {
    const problem = 'it is neither "safe" nor "unsafe" with codes'
    return fault('PARAPET_REMOTE_VERDICT_MALFORMED', { detector, problem })
  }
  const [verdict, codes, ...more] = answer.trim().split(/\s*\n\s*/)
  if (more.length > 0 || (verdict !== 'safe' && verdict !== 'unsafe')) throw malformed()
  if (codes !== undefined && (verdict === 'safe' || !CODES.test(codes))) throw malformed()
  const violated = codes?.split(/ ?, ?/) ?? []
  const unknown = violated.filter((code) => !Object.hasOwn(LLAMA_GUARD_HAZARDS, code))
  if (unknown.length > 0) {
    const problem = `${unknown.length} codes are not known`
    const expected = Object.keys(LLAMA_GUARD_HAZARDS)
    throw fault('PARAPET_REMOTE_LABELS_MISMATCH', { detector, problem, expected })
  }
  const hazards = Object.entries(LLAMA_GUARD_HAZARDS).map(
    ([code, label]) => [label, violated.includes(code) ? 1 : 0] as const,
  )
  return Object.fromEntries([['unsafe', verdict === 'unsafe' ? 1 : 0], ...hazards]) as Record<
    LlamaGuardLabel,
    number
  >
}
