import type { ThresholdProposal } from '@parapet/sdk'
import { fields } from '../../output/table.ts'

const percent = (value: number | undefined): string =>
  value === undefined ? 'unknown' : `${(value * 100).toFixed(2)} %`

/** A proposal as lines of text: the evidence, then the change as a diff of the policy's JSON. */
export function describeProposal(
  { stage, rule, detector, label, evidence, patch }: ThresholdProposal,
  { rate, confidence }: { readonly rate: number; readonly confidence: number },
): string {
  const { n, benign, harmful, undecided, boundN, boundHits, falsePositiveBound, needed } = evidence
  const known = fields([
    ['rule', `${rule} (${stage}: ${detector}, ${label})`],
    ['reviews', `${n} texts drawn at random: ${benign} benign, ${harmful} harmful`],
    ['not decided', `${undecided} texts drawn, too: taken for benign where they would be flagged`],
    ['threshold', evidence.threshold ?? `none: ${percent(rate)} needs at least ${needed} benign reviews`],
    [
      'flags of benign',
      `${percent(evidence.threshold === undefined ? undefined : evidence.falsePositiveRate)}`,
    ],
    [
      'at most',
      `${percent(falsePositiveBound)} at ${percent(confidence)} confidence (${boundHits} of ${boundN})`,
    ],
    ['catches of harmful', percent(evidence.threshold === undefined ? undefined : evidence.recall)],
    ['nothing known below', evidence.lowestScore ?? 'everything'],
  ])
  if (patch.length === 0) return known
  const diff = patch.map(({ op, path, value }) =>
    op === 'test' ? `--- ${String(path)}\n- ${JSON.stringify(value)}` : `+ ${JSON.stringify(value)}`,
  )
  return `${known}\n\n${diff.join('\n')}`
}
