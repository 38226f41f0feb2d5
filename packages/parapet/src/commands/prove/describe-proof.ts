import { PROOF_HEADER, type Proof, proofRows, terminalBars, type WeighedBar } from '@parapet/lab'
import { fields, table } from '../../output/table.ts'
import { terminalText } from '../../output/terminal-text.ts'

const ORIGINS = {
  native: 'native: found in the model, not trained into it',
  planted: 'planted: trained into the model by tuning',
  unknown: 'unknown: the direction file does not say',
} as const

const BAR_OPTIONS = { minDrop: '--min-drop', minRise: '--min-rise', maxRandomShift: '--max-random' } as const

/** A proof for a person: the table, the chart, what is doubtful, and how the bars came out. */
export function describeProof(proof: Proof): string {
  const { model, direction, settings, doubts, bars, verdict } = proof
  const head = fields([
    ['model', model.id],
    ['direction', `${direction.id} ${direction.version}, ${direction.site}, position ${direction.position}`],
    ['origin', ORIGINS[direction.origin]],
    [
      'erased',
      settings.erase === 'zero' ? 'to 0' : `to ${settings.eraseOffset.toPrecision(4)}, the affine form`,
    ],
    ['answers', `greedy, ${settings.maxNewTokens} tokens at most, seed ${settings.seed}`],
  ])
  const parts = [head, table(PROOF_HEADER, proofRows(proof)), terminalBars(proof)]
  if (doubts.length > 0) parts.push(doubts.map(({ text }) => `! ${terminalText(text)}`).join('\n'))
  if (bars) parts.push(`${bars.map(describeBar).join('\n')}\nverdict: ${verdict}`)
  return parts.join('\n\n')
}

function describeBar({ name, bar, value, low, high, verdict }: WeighedBar): string {
  return `${verdict}: ${BAR_OPTIONS[name]} ${bar}: ${value.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
}
